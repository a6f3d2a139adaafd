import { remembered } from '/tmp/seven-b/bench/typing.mjs'
import { documentsIn, ordinary } from '/tmp/seven-b/bench/documents.mjs'
const page = ordinary(documentsIn('/work/shared/corpus/wide', 5).filter(({ text }) => !text.includes('`')))
console.log(await remembered('/tmp/seven-b/dist/server.cjs', '/tmp/seven-b/bench/heap.cjs', page(100_000)))
