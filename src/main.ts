#!/usr/bin/env node
/** Where it begins: what Node.js makes of the sources is kept beside the packages, so that the next start is quicker. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)))
const { fail, run } = await import('./program.ts')
run().catch(fail)
