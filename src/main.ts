#!/usr/bin/env node
/** Where it begins: what Node.js makes of the sources is kept beside the packages, so that the next start is quicker. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

// A server makes much that is soon forgotten: the space for it grows at once, and not by and by, so that it is swept less
// often, and less is copied that is about to go.
setFlagsFromString('--semi-space-growth-factor=8')
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)))
const { failAndEnd, run } = await import('./program.ts')
run().catch(failAndEnd)
