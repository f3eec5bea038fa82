/** The pictures of a call: who presents or is pinned large, everybody else beside it. */
import {
  Button,
  makeStyles,
  mergeClasses,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  tokens,
} from '@fluentui/react-components'
import { useRef } from 'react'
import type { CallView } from '../../../src/endpoints/browser/protocol.ts'
import { sceneOf, type Stage, type Tile } from '../stage.ts'
import { stageOf } from '../state.ts'
import { useMedia } from '../../shared/hooks.ts'
import { usePhoneState, useTools } from './context.ts'
import { LargeTile, Name, SmallTile } from './picture-tile.tsx'
import { NARROW } from '../../shared/theme.ts'

/** Below this width the others stand under what is large. */
const STACKED = '@media (max-width: 900px)'

/** So many stand in one column beside what is large. */
const MOST_BESIDE = 4
/** Up to so many people each have a tile, whether they show anything or not. */
const MOST_AVATARS = 6
/** A width that bounds nothing. */
const ENOUGH = 100

const useStyles = makeStyles({
  scene: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  split: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) var(--beside)',
    gap: tokens.spacingHorizontalM,
    alignItems: 'start',
    [STACKED]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  tiles: {
    listStyleType: 'none',
    padding: 0,
    display: 'grid',
    gap: tokens.spacingHorizontalM,
    justifyContent: 'center',
    gridTemplateColumns: 'repeat(var(--columns), minmax(0, 1fr))',
    // All of them fit on the screen, if that leaves enough of each.
    boxSizing: 'border-box',
    width: '100%',
    maxWidth: 'max(480px, (100dvh - 310px) * var(--shape))',
    margin: '0 auto',
    [NARROW]: { gap: tokens.spacingHorizontalS },
  },
  others: {
    listStyleType: 'none',
    margin: 0,
    padding: 0,
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'center',
    gap: tokens.spacingHorizontalS,
  },
  beside: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, minWidth: 0 },
})

interface Props {
  readonly call: CallView
}

/** All pictures of a call, and everybody who shows none. */
export function PictureStage({ call }: Props): React.JSX.Element {
  const styles = useStyles()
  const state = usePhoneState()
  const stage = stageOf(state, call.callId)
  const narrow = useMedia(NARROW.slice('@media '.length))
  const stacked = useMedia(STACKED.slice('@media '.length))
  const { large, small } = sceneOf(call, stage)
  const focusRef = useRef<string>(undefined)
  // Where room is short, who shows nothing is a name.
  const isShort = large !== undefined || small.length > MOST_AVATARS
  const [tiles, others] = isShort ? apart(small, (tile) => isPicture(tile, stage)) : [small, []]
  const isBeside = large !== undefined && !stacked
  const isLong = tiles.length > MOST_BESIDE
  const columns = isBeside ? (isLong ? 2 : 1) : columnsFor(tiles.length, narrow, large !== undefined)
  const roomy = !large && !narrow && columns <= 2
  return (
    <div className={styles.scene}>
      {stage.shows.screen && <Presenting call={call} />}
      <div className={mergeClasses(large && styles.split)} style={variables({ beside: isLong ? '312px' : '216px' })}>
        {large && <LargeTile key={keyOf(large)} call={call} stage={stage} tile={large} focusRef={focusRef} />}
        <div className={styles.beside}>
          {tiles.length > 0 && (
            <ul
              className={styles.tiles}
              style={variables({ columns, shape: shapeOf(tiles.length, columns, isBeside) })}
              aria-label={isShort ? 'Pictures' : 'People in the call'}
            >
              {tiles.map((tile) => (
                <SmallTile key={keyOf(tile)} call={call} stage={stage} tile={tile} focusRef={focusRef} roomy={roomy} />
              ))}
            </ul>
          )}
          {others.length > 0 && (
            <ul className={styles.others} aria-label="Others in the call">
              {others.map((tile) => (
                <Name key={keyOf(tile)} call={call} stage={stage} tile={tile} focusRef={focusRef} />
              ))}
            </ul>
          )}
        </div>
      </div>
    </div>
  )
}

/** Custom properties, which React's types do not know. */
function variables(values: Readonly<Record<string, string | number>>): React.CSSProperties {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`--${name}`, value]))
}

/** Whether a tile has something to show, or is about to. */
function isPicture({ kind, entry, slot }: Tile, { shows }: Stage): boolean {
  return kind === 'screen' || slot !== undefined || (entry.me && shows.camera)
}

function apart<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))]
}

function keyOf({ kind, entry }: Tile): string {
  return `${kind} ${entry.participantId}`
}

/** The width of all tiles together, by their height. */
function shapeOf(tiles: number, columns: number, isBeside: boolean): number {
  return isBeside ? ENOUGH : (16 / 9) * (columns / Math.ceil(tiles / columns))
}

/** How many stand side by side. */
function columnsFor(tiles: number, narrow: boolean, beside: boolean): number {
  if (narrow) return tiles <= 2 && !beside ? 1 : 2
  if (beside) return 4
  return tiles === 1 ? 1 : tiles <= 4 ? 2 : tiles <= 9 ? 3 : 4
}

function Presenting({ call: { callId } }: Props): React.JSX.Element {
  const { pictures } = useTools().phone
  return (
    <MessageBar intent="info">
      <MessageBarBody>You present your screen.</MessageBarBody>
      <MessageBarActions>
        <Button onClick={() => void pictures.stopSharing(callId)}>Stop presenting</Button>
      </MessageBarActions>
    </MessageBar>
  )
}
