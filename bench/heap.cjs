// Loaded into the language server by the benchmark, with --expose-gc: tells on stderr what memory is in use, when asked.
process.on('SIGUSR2', () => {
  for (let turn = 0; turn < 3; turn++) globalThis.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  process.stderr.write(`heap ${JSON.stringify({ heapUsed: heapUsed + external, rss })}\n`)
})
