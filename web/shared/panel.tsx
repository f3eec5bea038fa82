/** A quiet box with a name. */
import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { NARROW } from './theme.ts'

const useStyles = makeStyles({
  panel: {
    boxSizing: 'border-box',
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalM,
    padding: tokens.spacingVerticalXL,
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow4,
    [NARROW]: { padding: tokens.spacingVerticalL },
  },
  title: { margin: 0 },
})

interface Props {
  /** Shown as a heading. */
  readonly title?: string
  /** What screen readers call it, if it shows no heading. */
  readonly label?: string
  readonly className?: string | undefined
  readonly children: ReactNode
}

export function Panel({ title, label, className, children }: Props): React.JSX.Element {
  const styles = useStyles()
  return (
    <section className={mergeClasses(styles.panel, className)} aria-label={title ?? label}>
      {title !== undefined && (
        <Text as="h2" size={400} weight="semibold" className={styles.title}>
          {title}
        </Text>
      )}
      {children}
    </section>
  )
}
