/** The page of somebody who is signed in: what rings, the call that is up, or what one can do. */
import {
  Button,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  mergeClasses,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useEffect } from 'react'
import { hasPictures } from '../stage.ts'
import { ringing, shown, stageOf, type PhoneState } from '../state.ts'
import { incomingLine, nameOf, titleOf } from '../words.ts'
import { Banners } from './banners.tsx'
import { FullCall } from './call-view.tsx'
import { usePhoneState, useSettings, useTools } from './context.ts'
import { IncomingCall } from './incoming.tsx'
import { PartyAvatar } from './party-avatar.tsx'
import { ReadyView } from './ready-view.tsx'
import { NARROW, SPOKEN } from '../../shared/theme.ts'

const useStyles = makeStyles({
  page: {
    boxSizing: 'border-box',
    minHeight: '100dvh',
    maxWidth: '1040px',
    margin: '0 auto',
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    padding: tokens.spacingHorizontalXXL,
    paddingTop: tokens.spacingVerticalL,
    [NARROW]: { padding: tokens.spacingHorizontalM },
  },
  header: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalM },
  brand: { flexGrow: 1, margin: 0, color: tokens.colorBrandForeground1 },
  person: { gap: tokens.spacingHorizontalS, overflowWrap: 'anywhere', fontWeight: tokens.fontWeightRegular },
  main: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, flexGrow: 1 },
  loading: { flexGrow: 1 },
  wide: { maxWidth: '1440px' },
  spoken: SPOKEN,
})

export function PhonePage(): React.JSX.Element {
  const styles = useStyles()
  const state = usePhoneState()
  const call = shown(state)
  const isWide = state.video && call?.here && hasPictures(call, stageOf(state, call.callId))
  useTitle(state)
  useSignals(state)
  return (
    <div className={mergeClasses(styles.page, isWide && styles.wide)}>
      <Header />
      <main className={styles.main}>
        <Banners />
        {ringing(state).map((one) => (
          <IncomingCall key={one.callId} call={one} />
        ))}
        {call ? (
          <FullCall key={call.callId} call={call} />
        ) : state.person ? (
          <ReadyView />
        ) : (
          <Spinner className={styles.loading} label="Connecting …" />
        )}
      </main>
      <Announcer state={state} />
    </div>
  )
}

function Header(): React.JSX.Element {
  const styles = useStyles()
  const { signOut, isGuest } = useTools()
  const { person } = usePhoneState()
  return (
    <header className={styles.header}>
      <Text as="h1" weight="semibold" size={400} className={styles.brand}>
        Rollcall
      </Text>
      {person && (
        <Menu>
          <MenuTrigger disableButtonEnhancement>
            <Button appearance="subtle" className={styles.person}>
              <PartyAvatar party={person} size={28} />
              {nameOf(person)}
            </Button>
          </MenuTrigger>
          <MenuPopover>
            <MenuList>
              <MenuItem onClick={signOut}>{isGuest ? 'Leave' : 'Sign out'}</MenuItem>
            </MenuList>
          </MenuPopover>
        </Menu>
      )}
    </header>
  )
}

/** The page's title says what happens, for whoever looks at other pages. */
function useTitle(state: PhoneState): void {
  const [bell] = ringing(state)
  const call = shown(state)
  const title = bell ? `☎ ${nameOf(bell.other)} – Rollcall` : call ? `● ${titleOf(call)} – Rollcall` : 'Rollcall phone'
  useEffect(() => {
    document.title = title
  }, [title])
}

/** The bell, or the tone while one's own call rings. */
function useSignals(state: PhoneState): void {
  const { tones } = useTools()
  const { ringAloud } = useSettings()
  const rings = ringing(state).length > 0
  const call = shown(state)
  const name =
    rings && ringAloud ? (call ? 'knock' : 'bell') : call?.phase === 'calling' && call.here ? 'ringback' : undefined
  useEffect(() => {
    tones.signal(name)
    return () => tones.signal(undefined)
  }, [tones, name])
}

/** Incoming calls, said at once by screen readers. */
function Announcer({ state }: { readonly state: PhoneState }): React.JSX.Element {
  const styles = useStyles()
  return (
    <div className={styles.spoken} role="alert">
      {ringing(state)
        .map((call) => `Incoming call. ${nameOf(call.other)} ${incomingLine(call)}.`)
        .join(' ')}
    </div>
  )
}
