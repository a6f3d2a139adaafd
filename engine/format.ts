/** How a document is written. */
export type Format = 'markdown' | 'text'

/** Endings of the documents that are read, in lower case. */
export const documentEndings: readonly string[] = [
  '.md',
  '.markdown',
  '.mdx',
  '.txt',
  '.text',
  '.process',
  '.sop',
  '.procedure',
]

/** The format that a file's ending says; Markdown where there is none. */
export const formatOf = (path: string | undefined): Format =>
  path && /\.(?:txt|text|process|sop|procedure)$/i.test(path) ? 'text' : 'markdown'
