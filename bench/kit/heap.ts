/** Preloaded into a server that is measured: tells its heap after a collection, when asked. */
process.on('message', () => {
  void globalThis.gc?.()
  void globalThis.gc?.()
  process.send?.(process.memoryUsage().heapUsed)
})
process.channel?.unref()
