// What stands for Node's modules where there is none of them, in a web worker: the folders that are open in the editor, which
// is asked for what is in them. The names are Node's, since the build puts this file in the place of its modules.

type Kind = 'file' | 'folder'
/** What stands in a folder; of a link, which is not followed where a folder is walked, what it leads to. */
export interface Entry {
  name: string
  kind: Kind
  isLink: boolean
}

/** How the editor is asked: null where there is nothing of that name. */
export interface Files {
  /** What is in a folder. */
  list(path: string): Promise<readonly Entry[] | null>
  /** What is in a file. */
  read(path: string): Promise<Uint8Array | null>
}

let files: Files | undefined
/** Absolute paths of the folders that are open; nothing lies outside of them. */
let roots: readonly string[] = []
const listings = new Map<string, ReadonlyMap<string, Entry>>()
const contents = new Map<string, Uint8Array | null>()
/** How often files were written since they were first heard of. */
const versions = new Map<string, number>()
/** What somebody wanted to know and nobody had asked the editor for. */
interface Wanted {
  listings: Set<string>
  contents: Set<string>
}
const nothingWanted = (): Wanted => ({ listings: new Set(), contents: new Set() })
let wanted = nothingWanted()
/** Whether what is not known is taken to be there. */
let isTrusting = false

/** Takes the folders that are open, and how to ask for what is in them; without that they are empty. */
export function openFolders(paths: readonly string[], ask: Files | undefined): void {
  files = ask
  roots = paths.map((path) => path.replace(/(?<=.)\/$/, ''))
}

/** Forgets what was known of files and folders (absolute paths), since they were written, made or deleted. */
export function forget(paths: readonly string[]): void {
  for (const path of paths) {
    versions.set(path, (versions.get(path) ?? 0) + 1)
    listings.delete(folderOf(path))
    const isIt = (known: string): boolean => known === path || known.startsWith(`${path}/`)
    for (const known of [listings, contents]) for (const key of known.keys()) if (isIt(key)) known.delete(key)
  }
}

/** Asks the editor for what is wanted; false where nothing is, or nobody can be asked. */
async function fetch({ listings: folders, contents: texts }: Wanted): Promise<boolean> {
  if (!files || folders.size + texts.size === 0) return false
  const { list, read } = files
  await Promise.all([
    ...[...folders].map(async (path) => {
      const entries = (await list(path)) ?? []
      listings.set(path, new Map(entries.map((entry) => [entry.name, entry])))
    }),
    ...[...texts].map(async (path) => void contents.set(path, await read(path))),
  ])
  return true
}

/** Does it again and again until all is known that it wants to know. */
export async function settled<T>(work: () => T): Promise<T> {
  for (;;) {
    const [before, own] = [wanted, nothingWanted()]
    wanted = own
    try {
      const value = work()
      wanted = before
      if (!(await fetch(own))) return value
    } finally {
      if (wanted === own) wanted = before
    }
  }
}

let last: Promise<unknown> = Promise.resolve()

/**
 * The same for work that is not done at once, one after the other: else one would take for known what another still wants.
 *
 * @param again comes before each other time
 */
export function settledLater<T>(work: () => Promise<T>, again: () => void): Promise<T> {
  const run = async (): Promise<T> => {
    for (;;) {
      wanted = nothingWanted()
      const value = await work()
      if (!(await fetch(wanted))) return value
      again()
    }
  }
  const next = last.then(run)
  last = next.catch(() => undefined)
  return next
}

/** Takes to be there what is not known, while something is done that cannot wait. */
export function trusting<T>(work: () => T): T {
  isTrusting = true
  try {
    return work()
  } finally {
    isTrusting = false
  }
}

/** What changes whenever a file is written; undefined where there is none. */
export const stampOf = (path: string): Promise<string | undefined> =>
  settled(() => (kindOf(path) === 'file' ? String(versions.get(path) ?? 0) : undefined))

export const isFolder = (path: string): Promise<boolean> => settled(() => kindOf(path) === 'folder')

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

function kindOf(path: string): Kind | undefined {
  if (roots.includes(path)) return 'folder'
  if (!roots.some((root) => path.startsWith(root === '/' ? root : `${root}/`))) return undefined
  const above = folderOf(path)
  if (kindOf(above) !== 'folder') return undefined
  const listing = listings.get(above)
  if (!listing) wanted.listings.add(above)
  if (!listing && isTrusting) return 'file'
  return listing?.get(path.slice(path.lastIndexOf('/') + 1))?.kind
}

/** As Node says it. */
const missing = (path: string): Error =>
  Object.assign(new Error(`there is no ${path}`), { code: 'ENOENT', syscall: 'open' })

export const existsSync = (path: string): boolean => kindOf(path) !== undefined

export function statSync(path: string) {
  const kind = kindOf(path)
  if (!kind) throw missing(path)
  const [isDirectory, isFile] = [() => kind === 'folder', () => kind === 'file']
  return { isDirectory, isFile, size: contents.get(path)?.length ?? 0, mtimeMs: versions.get(path) ?? 0 }
}

export function readdirSync(path: string, options?: { withFileTypes?: boolean }): unknown[] {
  if (kindOf(path) !== 'folder') throw missing(path)
  const listing = listings.get(path)
  if (!listing) wanted.listings.add(path)
  const entries = [...(listing?.values() ?? [])]
  if (!options?.withFileTypes) return entries.map(({ name }) => name)
  return entries.map(({ name, kind, isLink }) => ({
    ...{ name, parentPath: path },
    isDirectory: () => kind === 'folder' && !isLink,
    isFile: () => kind === 'file' && !isLink,
  }))
}

export function readFileSync(path: string, encoding?: string): Uint8Array | string {
  if (kindOf(path) !== 'file') throw missing(path)
  const content = contents.get(path)
  if (content === undefined) wanted.contents.add(path)
  if (!content) throw missing(path)
  return encoding ? new TextDecoder().decode(content) : content
}

export const readFile = async (path: string, encoding?: string): Promise<Uint8Array | string> =>
  readFileSync(path, encoding)
export const stat = async (path: string) => statSync(path)

/** Somebody else gets their turn; Node calls it so. */
export const setImmediate = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

export const pathToFileURL = (path: string): { href: string } => ({
  href: `file://${path.split('/').map(encodeURIComponent).join('/')}`,
})

/** No digest that withstands malice, but as good to tell whether two texts are the same. */
export function createHash() {
  let [one, other, length] = [0x811c9dc5, 0x9dc5811c, 0]
  const hash = {
    update(text: string) {
      for (let at = 0; at < text.length; at++) {
        one = Math.imul(one ^ text.charCodeAt(at), 0x01000193)
        other = Math.imul(other ^ text.charCodeAt(at), 0x85ebca6b) ^ (other >>> 13)
      }
      length += text.length
      return hash
    },
    digest: () => [one >>> 0, other >>> 0, length].join('.'),
  }
  return hash
}

/** Packages are where Node would look for them; what their code says is not known. */
export function createRequire(from: string) {
  const paths = (): string[] => {
    const found: string[] = []
    for (let here = folderOf(from); ; here = folderOf(here)) {
      found.push(`${here === '/' ? '' : here}/node_modules`)
      if (here === '/') return found
    }
  }
  return { resolve: Object.assign(none, { paths }) }
}

/** What is never done here: code is not run, and packed packages are not read. */
function none(): never {
  throw new Error('this is not done in a browser')
}

export { none as closeSync, none as gunzipSync, none as openSync, none as readSync, none as runModule }
export default { pool: none }
