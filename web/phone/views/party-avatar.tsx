/** Somebody's picture: their initials, or what they are. */
import { Avatar, type AvatarProps } from '@fluentui/react-components'
import { BotRegular, CallRegular } from '@fluentui/react-icons'
import type { PartyView } from '../../../src/endpoints/browser/protocol.ts'
import { nameOf } from '../words.ts'

interface Props {
  readonly party: PartyView | undefined
  readonly size: AvatarProps['size']
  readonly speaking?: boolean
}

/** The name stands beside it, so it is not read aloud. */
export function PartyAvatar({ party, size, speaking }: Props): React.JSX.Element {
  const icon = party?.kind === 'application' ? <BotRegular /> : party?.kind === 'phone' ? <CallRegular /> : undefined
  return (
    <Avatar
      aria-hidden
      name={nameOf(party)}
      color={party?.kind === 'application' ? 'brand' : 'colorful'}
      size={size ?? 40}
      {...(icon && { icon, initials: '' })}
      {...(speaking !== undefined && { active: speaking ? 'active' : 'unset', activeAppearance: 'ring' })}
    />
  )
}
