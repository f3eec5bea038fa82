/** The phone: a page with which people call, are called, and talk. */
import { FluentProvider, webLightTheme } from '@fluentui/react-components'
import { createRoot } from 'react-dom/client'

const root = document.getElementById('root')
if (root) createRoot(root).render(<FluentProvider theme={webLightTheme}>Rollcall phone</FluentProvider>)
