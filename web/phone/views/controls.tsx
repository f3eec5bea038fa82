/** What one can do in a call. */
import {
  Button,
  makeStyles,
  mergeClasses,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  tokens,
} from '@fluentui/react-components'
import {
  CallEndRegular,
  DialpadRegular,
  MicOffRegular,
  MicRegular,
  PauseRegular,
  PlayRegular,
  SettingsRegular,
  ShareScreenStartRegular,
  ShareScreenStopRegular,
  VideoOffRegular,
  VideoRegular,
} from '@fluentui/react-icons'
import { useState } from 'react'
import type { CallView } from '../../../src/endpoints/browser/protocol.ts'
import { canCaptureScreen } from '../camera.ts'
import { stageOf } from '../state.ts'
import { useAsked, usePhoneState, useTools } from './context.ts'
import { DevicesDialog } from './devices.tsx'
import { Keypad } from './keypad.tsx'
import { NARROW } from '../../shared/theme.ts'

const useStyles = makeStyles({
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'center',
    gap: tokens.spacingHorizontalS,
    [NARROW]: { gap: tokens.spacingHorizontalXS },
    padding: tokens.spacingVerticalS,
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow8,
    position: 'sticky',
    bottom: tokens.spacingVerticalM,
    '@media (max-height: 480px)': { position: 'static' },
  },
  control: {
    flexDirection: 'column',
    minWidth: '62px',
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalXS}`,
    gap: tokens.spacingVerticalXXS,
    fontSize: tokens.fontSizeBase200,
    [NARROW]: { minWidth: '44px', padding: `${tokens.spacingVerticalS} 0`, fontSize: tokens.fontSizeBase100 },
    fontWeight: tokens.fontWeightRegular,
    '> .fui-Button__icon': { margin: 0 },
  },
  on: {
    color: tokens.colorBrandForeground2,
    backgroundColor: tokens.colorBrandBackground2,
    ':hover': { color: tokens.colorBrandForeground2Hover, backgroundColor: tokens.colorBrandBackground2Hover },
    ':hover:active': {
      color: tokens.colorBrandForeground2Pressed,
      backgroundColor: tokens.colorBrandBackground2Pressed,
    },
  },
  leave: {
    color: tokens.colorNeutralForegroundOnBrand,
    backgroundColor: tokens.colorStatusDangerBackground3,
    ':hover': {
      color: tokens.colorNeutralForegroundOnBrand,
      backgroundColor: tokens.colorStatusDangerBackground3Hover,
    },
    ':hover:active': {
      color: tokens.colorNeutralForegroundOnBrand,
      backgroundColor: tokens.colorStatusDangerBackground3Pressed,
    },
  },
})

interface ControlProps {
  readonly label: string
  readonly icon: React.JSX.Element
  readonly pressed?: boolean
  readonly disabled?: boolean
  readonly className?: string | undefined
  readonly onClick: () => void
}

function Control({ label, icon, pressed, disabled = false, className, onClick }: ControlProps): React.JSX.Element {
  const styles = useStyles()
  return (
    <Button
      appearance="subtle"
      size="large"
      className={mergeClasses(styles.control, pressed === true && styles.on, className)}
      icon={icon}
      disabled={disabled}
      {...(pressed !== undefined && { 'aria-pressed': pressed })}
      onClick={onClick}
    >
      {label}
    </Button>
  )
}

/** The bar below a call. */
export function Controls({ call }: { readonly call: CallView }): React.JSX.Element {
  const styles = useStyles()
  const { phone } = useTools()
  const [devicesOpen, setDevicesOpen] = useState(false)
  const { callId } = call
  const isUp = call.here && call.phase === 'connected'
  const leaving = useAsked(`hangUp ${callId}`)
  return (
    <div className={styles.bar} role="group" aria-label="Call controls">
      {isUp && <MuteControl call={call} />}
      {isUp && <CameraControl call={call} />}
      {isUp && <ShareControl call={call} />}
      {isUp && <HoldControl call={call} />}
      {isUp && !call.onHold && (
        <Popover trapFocus positioning="above">
          <PopoverTrigger disableButtonEnhancement>
            <Button appearance="subtle" size="large" className={styles.control} icon={<DialpadRegular />}>
              Keypad
            </Button>
          </PopoverTrigger>
          <PopoverSurface aria-label="Keypad">
            <Keypad callId={callId} />
          </PopoverSurface>
        </Popover>
      )}
      <Control label="Devices" icon={<SettingsRegular />} onClick={() => setDevicesOpen(true)} />
      <Control
        label={call.phase === 'calling' ? 'Give up' : 'Leave'}
        icon={<CallEndRegular />}
        className={styles.leave}
        disabled={leaving}
        onClick={() => void phone.hangUp(callId)}
      />
      <DevicesDialog open={devicesOpen} onClose={() => setDevicesOpen(false)} />
    </div>
  )
}

function MuteControl({ call }: { readonly call: CallView }): React.JSX.Element {
  const { phone } = useTools()
  const asked = useAsked(`mute ${call.callId}`)
  return (
    <Control
      label={call.muted ? 'Unmute' : 'Mute'}
      icon={call.muted ? <MicOffRegular /> : <MicRegular />}
      disabled={asked || call.onHold}
      onClick={() => void phone.mute(call.callId, !call.muted)}
    />
  )
}

/** Whether the server carries pictures, and what this person shows. */
function useShows(call: CallView): { readonly camera: boolean; readonly screen: boolean } | undefined {
  const state = usePhoneState()
  return state.video && stageOf(state, call.callId).shows
}

function CameraControl({ call }: { readonly call: CallView }): React.JSX.Element | undefined {
  const { pictures } = useTools().phone
  const shows = useShows(call)
  const asked = useAsked(`camera ${call.callId}`)
  if (!shows || !(call.mayShowCamera || shows.camera)) return undefined
  return (
    <Control
      label="Camera"
      icon={shows.camera ? <VideoRegular /> : <VideoOffRegular />}
      pressed={shows.camera}
      disabled={asked || call.onHold}
      onClick={() => void (shows.camera ? pictures.hideCamera(call.callId) : pictures.showCamera(call.callId))}
    />
  )
}

function ShareControl({ call }: { readonly call: CallView }): React.JSX.Element | undefined {
  const { pictures } = useTools().phone
  const shows = useShows(call)
  const asked = useAsked(`share ${call.callId}`)
  if (!shows || !canCaptureScreen() || !(call.mayShare || shows.screen)) return undefined
  return (
    <Control
      label="Present"
      icon={shows.screen ? <ShareScreenStopRegular /> : <ShareScreenStartRegular />}
      pressed={shows.screen}
      disabled={asked || call.onHold}
      onClick={() => void (shows.screen ? pictures.stopSharing(call.callId) : pictures.share(call.callId))}
    />
  )
}

function HoldControl({ call }: { readonly call: CallView }): React.JSX.Element {
  const { phone } = useTools()
  const asked = useAsked(`hold ${call.callId}`)
  return (
    <Control
      label={call.onHold ? 'Resume' : 'Hold'}
      icon={call.onHold ? <PlayRegular /> : <PauseRegular />}
      disabled={asked}
      onClick={() => void (call.onHold ? phone.resume(call.callId) : phone.hold(call.callId, true))}
    />
  )
}
