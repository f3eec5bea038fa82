/** Which microphone and loudspeaker, and how they are. */
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
import { MicRegular } from '@fluentui/react-icons'
import { useEffect, useState } from 'react'
import { useSettings, useTools } from './context.ts'
import { LevelMeter } from './level-meter.tsx'

const useStyles = makeStyles({
  try: { alignSelf: 'start' },
  content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
})

/** The devices that the browser tells of: with names once a microphone was allowed, which `tries` may have done. */
function useDevices(tries: boolean): readonly MediaDeviceInfo[] {
  const { microphone } = useTools()
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([])
  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined
    const read = (): void => void media?.enumerateDevices().then(setDevices, () => setDevices([]))
    read()
    media?.addEventListener('devicechange', read)
    const release = tries ? microphone.use(read) : () => undefined
    return () => {
      media?.removeEventListener('devicechange', read)
      release()
    }
  }, [microphone, tries])
  return devices
}

interface ChoiceProps {
  readonly label: string
  readonly devices: readonly MediaDeviceInfo[]
  readonly value: string
  readonly onChoose: (id: string) => void
}

function DeviceChoice({ label, devices, value, onChoose }: ChoiceProps): React.JSX.Element {
  const named = devices.filter(({ deviceId }) => deviceId !== '' && deviceId !== 'default')
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
  const { settings } = useTools()
  const { microphone, speaker, cleanVoice, ringAloud } = useSettings()
  const [tries, setTries] = useState(inUse)
  const devices = useDevices(tries)
  const ofKind = (kind: MediaDeviceKind): readonly MediaDeviceInfo[] => devices.filter((one) => one.kind === kind)
  const canChooseSpeaker = 'setSinkId' in HTMLMediaElement.prototype
  return (
    <div className={styles.content}>
      <DeviceChoice
        label="Microphone"
        devices={ofKind('audioinput')}
        value={microphone}
        onChoose={(id) => settings.change({ microphone: id })}
      />
      {tries && <LevelMeter />}
      {!inUse && (
        <Button className={styles.try} icon={<MicRegular />} aria-pressed={tries} onClick={() => setTries(!tries)}>
          {tries ? 'That will do' : 'Try the microphone'}
        </Button>
      )}
      {canChooseSpeaker && (
        <DeviceChoice
          label="Loudspeaker"
          devices={ofKind('audiooutput')}
          value={speaker}
          onChoose={(id) => settings.change({ speaker: id })}
        />
      )}
      <div>
        <Switch
          label="Take echo and noise out of my voice"
          checked={cleanVoice}
          onChange={(_event, { checked }) => settings.change({ cleanVoice: checked })}
        />
        <Switch
          label="Ring aloud"
          checked={ringAloud}
          onChange={(_event, { checked }) => settings.change({ ringAloud: checked })}
        />
      </div>
    </div>
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
          <DialogTitle>Sound</DialogTitle>
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
