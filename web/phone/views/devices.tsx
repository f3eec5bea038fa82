/** Which microphone, camera and loudspeaker, and how they are. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  makeStyles,
  Select,
  Switch,
  tokens,
} from '@fluentui/react-components'
import { MicRegular, VideoRegular } from '@fluentui/react-icons'
import { useEffect, useState } from 'react'
import { stageOf, shown } from '../state.ts'
import type { SharedStream } from '../shared-stream.ts'
import { usePhoneState, useSettings, useTools } from './context.ts'
import { LevelMeter } from './level-meter.tsx'
import { OwnPicture } from './picture.tsx'

const useStyles = makeStyles({
  try: { alignSelf: 'start' },
  picture: {
    position: 'relative',
    aspectRatio: '16 / 9',
    width: '100%',
    maxWidth: '320px',
    borderRadius: tokens.borderRadiusLarge,
    overflow: 'hidden',
    backgroundColor: tokens.colorNeutralBackground5,
  },
  content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
})

/** The devices that the browser tells of: with names once they were allowed, which trying one of them may have done. */
function useDevices(stream: SharedStream, tries: boolean): readonly MediaDeviceInfo[] {
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([])
  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined
    const read = (): void => void media?.enumerateDevices().then(setDevices, () => setDevices([]))
    read()
    media?.addEventListener('devicechange', read)
    const release = tries ? stream.use(read) : () => undefined
    return () => {
      media?.removeEventListener('devicechange', read)
      release()
    }
  }, [stream, tries])
  return devices
}

interface ChoiceProps {
  readonly label: string
  readonly devices: readonly MediaDeviceInfo[]
  readonly kind: MediaDeviceKind
  readonly value: string
  readonly onChoose: (id: string) => void
}

function DeviceChoice({ label, devices, kind, value, onChoose }: ChoiceProps): React.JSX.Element {
  const named = devices.filter((one) => one.kind === kind && one.deviceId !== '' && one.deviceId !== 'default')
  const known = value === '' || named.some(({ deviceId }) => deviceId === value)
  return (
    <Field label={label}>
      <Select value={known ? value : ''} onChange={(_event, data) => onChoose(data.value)}>
        <option value="">As the system says</option>
        {named.map(({ deviceId, label: name }) => (
          <option key={deviceId} value={deviceId}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  )
}

/** The choices themselves. @param inUse whether the microphone is open anyhow, and its level shows at once */
export function DeviceSettings({ inUse }: { readonly inUse: boolean }): React.JSX.Element {
  const styles = useStyles()
  const { microphone, settings } = useTools()
  const { video } = usePhoneState()
  const chosen = useSettings()
  const [tries, setTries] = useState(inUse)
  const devices = useDevices(microphone, tries)
  const canChooseSpeaker = 'setSinkId' in HTMLMediaElement.prototype
  return (
    <div className={styles.content}>
      <DeviceChoice
        label="Microphone"
        devices={devices}
        kind="audioinput"
        value={chosen.microphone}
        onChoose={(id) => settings.change({ microphone: id })}
      />
      {tries && <LevelMeter />}
      {!inUse && (
        <Button className={styles.try} icon={<MicRegular />} aria-pressed={tries} onClick={() => setTries(!tries)}>
          {tries ? 'That will do' : 'Try the microphone'}
        </Button>
      )}
      {video && <CameraSettings />}
      {canChooseSpeaker && (
        <DeviceChoice
          label="Loudspeaker"
          devices={devices}
          kind="audiooutput"
          value={chosen.speaker}
          onChoose={(id) => settings.change({ speaker: id })}
        />
      )}
      <div>
        <Switch
          label="Take echo and noise out of my voice"
          checked={chosen.cleanVoice}
          onChange={(_event, { checked }) => settings.change({ cleanVoice: checked })}
        />
        <Switch
          label="Ring aloud"
          checked={chosen.ringAloud}
          onChange={(_event, { checked }) => settings.change({ ringAloud: checked })}
        />
      </div>
    </div>
  )
}

/** Which camera, and what it sees. */
function CameraSettings(): React.JSX.Element {
  const styles = useStyles()
  const { camera, settings } = useTools()
  const chosen = useSettings()
  const state = usePhoneState()
  const call = shown(state)
  const isOn = call !== undefined && stageOf(state, call.callId).shows.camera
  const [tries, setTries] = useState(false)
  const devices = useDevices(camera, isOn || tries)
  return (
    <>
      <DeviceChoice
        label="Camera"
        devices={devices}
        kind="videoinput"
        value={chosen.camera}
        onChoose={(id) => settings.change({ camera: id })}
      />
      {(isOn || tries) && (
        <div className={styles.picture}>
          <OwnPicture />
        </div>
      )}
      {!isOn && (
        <Button className={styles.try} icon={<VideoRegular />} aria-pressed={tries} onClick={() => setTries(!tries)}>
          {tries ? 'That will do' : 'Try the camera'}
        </Button>
      )}
    </>
  )
}

interface DialogProps {
  readonly open: boolean
  readonly onClose: () => void
}

/** The choices in a dialog. */
export function DevicesDialog({ open, onClose }: DialogProps): React.JSX.Element {
  return (
    <Dialog open={open} onOpenChange={(_event, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Devices</DialogTitle>
          <DialogContent>
            <DeviceSettings inUse />
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={onClose}>
              Done
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}
