/** One picture of a call, or who shows none. */
import {
  Button,
  createCustomFocusIndicatorStyle,
  makeStyles,
  mergeClasses,
  Text,
  tokens,
} from '@fluentui/react-components'
import {
  FullScreenMaximizeRegular,
  MicOffRegular,
  PauseRegular,
  ShareScreenPersonRegular,
  VideoRegular,
} from '@fluentui/react-icons'
import { useEffect, useRef, useState } from 'react'
import type { CallView } from '../../../src/endpoints/browser/protocol.ts'
import { SPEAKING, type Stage, type Tile } from '../stage.ts'
import { nameOf } from '../words.ts'
import { usePhoneState, useTools } from './context.ts'
import { PartyAvatar } from './party-avatar.tsx'
import { OwnPicture, Picture } from './picture.tsx'
import { NARROW } from '../../shared/theme.ts'

const useStyles = makeStyles({
  other: {
    position: 'relative',
    boxSizing: 'border-box',
    maxWidth: '100%',
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalXS,
    padding: `${tokens.spacingVerticalXXS} ${tokens.spacingHorizontalM} ${tokens.spacingVerticalXXS} ${tokens.spacingHorizontalXXS}`,
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow2,
    fontSize: tokens.fontSizeBase200,
    minHeight: '32px',
  },
  tile: {
    position: 'relative',
    aspectRatio: '16 / 9',
    borderRadius: tokens.borderRadiusXLarge,
    overflow: 'hidden',
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow4,
    minWidth: 0,
  },
  large: {
    maxHeight: 'calc(100dvh - 260px)',
    minHeight: '180px',
    width: '100%',
    [NARROW]: { minHeight: 0 },
    ':fullscreen': { maxHeight: 'none', borderRadius: 0 },
  },
  dark: { backgroundColor: '#000', color: '#fff' },
  speaking: {
    '::after': {
      content: '""',
      position: 'absolute',
      inset: 0,
      border: `3px solid ${tokens.colorBrandStroke1}`,
      borderRadius: 'inherit',
      pointerEvents: 'none',
    },
  },
  instead: {
    position: 'absolute',
    inset: 0,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalM,
    alignItems: 'center',
    justifyContent: 'center',
  },
  raised: { bottom: '28px' },
  caption: {
    position: 'absolute',
    left: tokens.spacingHorizontalS,
    bottom: tokens.spacingVerticalS,
    maxWidth: 'calc(100% - 64px)',
    boxSizing: 'border-box',
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalXS,
    padding: `2px ${tokens.spacingHorizontalS}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: 'rgba(0, 0, 0, 0.72)',
    color: '#fff',
    pointerEvents: 'none',
    fontSize: tokens.fontSizeBase200,
    '> svg': { flexShrink: 0 },
  },
  name: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', fontSize: 'inherit' },
  pin: {
    position: 'absolute',
    inset: 0,
    border: 'none',
    margin: 0,
    padding: 0,
    cursor: 'pointer',
    backgroundColor: 'transparent',
    borderRadius: 'inherit',
    ...createCustomFocusIndicatorStyle({
      outline: `3px solid ${tokens.colorStrokeFocus2}`,
      outlineOffset: '-3px',
    }),
  },
  full: {
    position: 'absolute',
    right: tokens.spacingHorizontalS,
    bottom: tokens.spacingVerticalS,
    color: '#fff',
    backgroundColor: 'rgba(0, 0, 0, 0.72)',
    ':hover': { color: '#fff', backgroundColor: '#000' },
    ':hover:active': { color: '#fff', backgroundColor: '#000' },
  },
})

interface InsideProps {
  readonly call: CallView
  readonly stage: Stage
  readonly tile: Tile
  readonly large: boolean
  /** Whether there is room for a large avatar. */
  readonly roomy: boolean
}

/** What stands in a tile: the picture as soon as there is one, until then whose it is. */
function Inside({ call, stage, tile, large, roomy }: InsideProps): React.JSX.Element {
  const styles = useStyles()
  const { looks } = usePhoneState()
  const [seen, setSeen] = useState(false)
  const { entry, kind, slot } = tile
  const isMine = kind === 'camera' && entry.me && stage.shows.camera
  const name = nameOf(entry)
  return (
    <>
      {!seen && !isMine && (
        <div className={mergeClasses(styles.instead, !large && styles.raised)}>
          <PartyAvatar party={entry} size={roomy ? 96 : 56} />
          {large && kind === 'screen' && (
            <Text>{looks ? 'The picture has not come yet.' : 'Pictures are hidden.'}</Text>
          )}
        </div>
      )}
      {isMine && <OwnPicture />}
      {slot !== undefined && (
        <Picture
          key={slot}
          callId={call.callId}
          slot={slot}
          label={kind === 'screen' ? `What ${name} presents` : `What the camera of ${name} sees`}
          whole={large}
          onSeen={setSeen}
        />
      )}
    </>
  )
}

interface TileProps {
  readonly call: CallView
  readonly stage: Stage
  readonly tile: Tile
  /** Whose button has the keyboard when it stands in its new place. */
  readonly focusRef: React.RefObject<string | undefined>
}

interface PinProps extends TileProps {
  readonly label: string
  readonly pressed: boolean
  /** Who is large from then on; undefined for the screen that is presented, or nobody. */
  readonly pins: string | undefined
}

/** Makes somebody large, or small again, wherever one clicks on them. */
function PinButton({ call, stage, tile, focusRef, label, pressed, pins }: PinProps): React.JSX.Element {
  const styles = useStyles()
  const { store } = useTools()
  const button = useRef<HTMLButtonElement>(null)
  const { kind, entry } = tile
  useEffect(() => {
    if (kind === 'screen' || focusRef.current !== entry.participantId) return
    focusRef.current = undefined
    button.current?.focus()
  }, [kind, entry.participantId, focusRef])
  return (
    <button
      ref={button}
      type="button"
      className={styles.pin}
      aria-label={label}
      aria-pressed={pressed}
      onClick={() => {
        focusRef.current = pins ?? stage.pinned
        store.dispatch({ type: 'pin', callId: call.callId, participantId: pins })
      }}
    />
  )
}

/** What everybody is to look at. */
export function LargeTile(props: TileProps): React.JSX.Element {
  const { call, stage, tile } = props
  const styles = useStyles()
  const box = useRef<HTMLDivElement>(null)
  const { entry, kind } = tile
  const name = nameOf(entry)
  const isScreen = kind === 'screen'
  return (
    <div ref={box} className={mergeClasses(styles.tile, styles.large, styles.dark)}>
      <Inside call={call} stage={stage} tile={tile} large roomy />
      {!isScreen && <PinButton {...props} label={`Show ${name} large`} pressed pins={undefined} />}
      <div className={styles.caption}>
        {isScreen && <ShareScreenPersonRegular />}
        <Text className={styles.name}>{isScreen ? `${name} presents` : name}</Text>
        {!isScreen && <Marks tile={tile} />}
      </div>
      {document.fullscreenEnabled && (
        <Button
          className={styles.full}
          size="small"
          appearance="subtle"
          icon={<FullScreenMaximizeRegular />}
          aria-label="Full screen"
          onClick={() => void toggleFullScreen(box.current)}
        />
      )}
    </div>
  )
}

/** A browser may refuse it, and then all stays as it is. */
async function toggleFullScreen(element: Element | null): Promise<void> {
  const change = document.fullscreenElement ? document.exitFullscreen() : element?.requestFullscreen()
  await change?.catch(() => undefined)
}

/** Whether somebody speaks just now. */
function useAudible({ callId }: CallView, { kind, entry }: Tile): boolean {
  const levels = usePhoneState().levels[callId] ?? {}
  return kind === 'camera' && !entry.muted && (levels[entry.participantId] ?? 0) > SPEAKING
}

/** Somebody who shows nothing, or has no seat. */
export function Name(props: TileProps): React.JSX.Element {
  const { call, tile } = props
  const styles = useStyles()
  const { entry } = tile
  const audible = useAudible(call, tile)
  const name = nameOf(entry)
  return (
    <li className={mergeClasses(styles.other, audible && styles.speaking)} data-speaking={audible}>
      <PartyAvatar party={entry} size={28} />
      <Text className={styles.name}>{entry.me ? 'You' : name}</Text>
      {entry.camera && !entry.me && <VideoRegular aria-label="Camera on" />}
      <Marks tile={tile} />
      {entry.camera && !entry.me && (
        <PinButton {...props} label={`Show ${name} large`} pressed={false} pins={entry.participantId} />
      )}
    </li>
  )
}

/** One of several. */
export function SmallTile({ roomy, ...props }: TileProps & { readonly roomy: boolean }): React.JSX.Element {
  const { call, stage, tile } = props
  const styles = useStyles()
  const { entry, kind } = tile
  const name = nameOf(entry)
  const isScreen = kind === 'screen'
  const audible = useAudible(call, tile)
  const canBeLarge = isScreen || (entry.camera && !entry.me)
  return (
    <li
      className={mergeClasses(styles.tile, tile.slot !== undefined && styles.dark, audible && styles.speaking)}
      data-speaking={audible}
    >
      <Inside call={call} stage={stage} tile={tile} large={false} roomy={roomy} />
      {canBeLarge && (
        <PinButton
          {...props}
          label={isScreen ? `Show what ${name} presents large` : `Show ${name} large`}
          pressed={false}
          pins={isScreen ? undefined : entry.participantId}
        />
      )}
      <div className={styles.caption}>
        {isScreen && <ShareScreenPersonRegular aria-label="Presents" />}
        <Text className={styles.name}>{entry.me ? 'You' : name}</Text>
        {!isScreen && <Marks tile={tile} />}
      </div>
    </li>
  )
}

function Marks({ tile: { entry } }: { readonly tile: Tile }): React.JSX.Element {
  return (
    <>
      {entry.sharing && <ShareScreenPersonRegular aria-label="Presents" />}
      {entry.muted && <MicOffRegular aria-label={entry.mutedByOthers ? 'Muted by others' : 'Muted'} />}
      {entry.onHold && <PauseRegular aria-label="On hold" />}
    </>
  )
}
