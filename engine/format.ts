/** How a document is written. */
export type Format = 'markdown' | 'text'

/** Endings of process documents in plain text, which have a language of their own in editors, in lower case. */
export const processEndings: readonly string[] = ['.process', '.sop', '.procedure', '.policy', '.raci']

const textEndings: readonly string[] = ['.txt', '.text', ...processEndings]

/** Endings of the documents that are read, in lower case. */
export const documentEndings: readonly string[] = ['.md', '.markdown', '.mdx', ...textEndings]

/** The format that a file's ending says; Markdown where there is none. */
export const formatOf = (path: string | undefined): Format =>
  textEndings.some((ending) => path?.toLowerCase().endsWith(ending)) ? 'text' : 'markdown'
