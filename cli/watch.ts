import { once } from 'node:events'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { watch as watchFiles } from 'chokidar'
import { isDocument, repositoryRoot } from '../engine/files.ts'
import { isMagic, slashed } from './documents.ts'

/** What is saved within so many milliseconds is linted together. */
const together = 100

/** What has changed: documents by their absolute paths, or everything because a configuration or rule file has. */
export type Changed = { documents: ReadonlySet<string> } | { cause: string } | 'begin'

/**
 * Tells what changes below paths, and in the files that configuration came from, until the signal is aborted. It says
 * `begin` as soon as no change can be missed; changes while the caller is at work are told next.
 *
 * @param configuration absolute paths of files that count whatever their names are, and of folders in which all do; asked
 *   for before each wait
 */
export async function* changesIn(
  paths: readonly string[],
  configuration: () => Iterable<string>,
  signal: AbortSignal,
): AsyncGenerator<Changed> {
  const changed = new Set<string>()
  let wake = (): void => {}
  const watcher = watchFiles(paths.map(plainPart), {
    ignoreInitial: true,
    ignored: isForeign,
  })
  const above = paths.flatMap((path) => foldersAbove(plainPart(path)))
  const aboveWatcher = watchFiles(above, {
    ignoreInitial: true,
    // as deep as .silolint/rules
    depth: 2,
    ignored: (path) =>
      isForeign(path) || !(above.includes(path) || isConfiguration(path) || basename(path) === '.silolint'),
  })
  for (const one of [watcher, aboveWatcher]) {
    one.on('all', (_, path) => {
      changed.add(resolve(path))
      wake()
    })
    // a folder that cannot be read has been told of by the walk
    one.on('error', () => {})
  }
  signal.addEventListener('abort', () => wake())
  try {
    await Promise.all([once(watcher, 'ready'), ...(above.length ? [once(aboveWatcher, 'ready')] : [])])
    yield 'begin'
    while (!signal.aborted) {
      const decisive = new Set(configuration())
      watcher.add([...decisive])
      await new Promise<void>((done) => {
        wake = done
        if (changed.size || signal.aborted) done()
      })
      if (signal.aborted) return
      await sleep(together)
      const all = [...changed]
      changed.clear()
      // of a folder of rule files all in it counts
      const cause = all.find((path) => decisive.has(path) || decisive.has(dirname(path)) || isConfiguration(path))
      const documents = all.filter(isDocument)
      if (cause !== undefined) yield { cause: slashed(relative('', cause)) }
      else if (documents.length) yield { documents: new Set(documents) }
    }
  } finally {
    await Promise.all([watcher.close(), aboveWatcher.close()])
  }
}

/** What no person writes: events of it would be many, or caused by the linting itself. */
const isForeign = (path: string): boolean =>
  /(?:^|[\\/])(?:node_modules|\.git|\.silolint[\\/]cache)(?:[\\/]|$)/.test(relative('', path))

/** Files that may come into force where there was none. */
const isConfiguration = (path: string): boolean =>
  /^(?:\.silolintrc(?:\.\w+)?|silolint\.config\.\w+|\.gitignore|\.silolintignore)$/.test(basename(path)) ||
  path.includes(`${sep}.silolint${sep}`)

/** The folders above a path up to the repository's root, where a configuration may come into force for it. */
function foldersAbove(path: string): string[] {
  const folders: string[] = []
  const root = repositoryRoot(resolve(path))
  for (let here = resolve(path); here !== root && dirname(here) !== here; ) folders.push((here = dirname(here)))
  return folders
}

/** The folder above the first part of a path that is a pattern; the path itself where none is. */
function plainPart(path: string): string {
  const parts = slashed(path).split('/')
  const plain = parts.findIndex(isMagic)
  return plain < 0 ? path : parts.slice(0, plain).join('/') || (path.startsWith('/') ? '/' : '.')
}
