/** How the pages look: Fluent's themes on a quiet blue-green of our own, and the sizes that views share. */
import { type BrandVariants, createDarkTheme, createLightTheme, type Theme } from '@fluentui/react-components'

const brand: BrandVariants = {
  10: '#020506',
  20: '#0d1b20',
  30: '#112d37',
  40: '#133b49',
  50: '#154a5b',
  60: '#16596e',
  70: '#176981',
  80: '#187995',
  90: '#258aa8',
  100: '#3f9ab7',
  110: '#57aac5',
  120: '#70bad3',
  130: '#89cae0',
  140: '#a4d9ec',
  150: '#c1e8f6',
  160: '#e0f5fc',
}

// Every font is one that the system has: nothing is loaded.
const fontFamilyBase = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', sans-serif"

export const lightTheme: Theme = { ...createLightTheme(brand), fontFamilyBase }
export const darkTheme: Theme = { ...createDarkTheme(brand), fontFamilyBase, colorBrandForeground1: brand[120] }

/** For screen readers alone. */
export const SPOKEN = {
  position: 'absolute',
  width: '1px',
  height: '1px',
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
} as const

/** Below this width there is one column. */
export const NARROW = '@media (max-width: 640px)'
