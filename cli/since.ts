import { execFile } from 'node:child_process'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import parseDiff from 'parse-diff'
import type { VFileMessage } from 'vfile-message'
import type { Fault } from '../engine/fault.ts'
import { repositoryRoot } from '../engine/files.ts'
import { rangeOf } from '../engine/finding.ts'
import { codeOf } from './documents.ts'

const run = promisify(execFile)

/** The lines of a file that are new or changed, from 1; `all` for a file that was not there before. */
type Lines = Set<number> | 'all'

/** Tells by git which lines have changed since a commit, a tag or the point where a branch left it. */
export class Changes {
  private readonly ref: string
  private readonly repositories = new Map<string, Promise<Map<string, Lines> | Fault>>()

  constructor(ref: string) {
    this.ref = ref
  }

  /**
   * Whether a finding stands on a line that has changed, as a function of the finding. A fault where git
   * cannot tell: then nothing must be left out.
   *
   * @param file absolute path
   */
  async touching(file: string): Promise<((finding: VFileMessage) => boolean) | Fault> {
    const root = repositoryRoot(dirname(file))
    let changes = this.repositories.get(root)
    if (!changes) {
      changes = this.read(root)
      this.repositories.set(root, changes)
    }
    const known = await changes
    if (!(known instanceof Map)) return known
    const lines = known.get(resolve(file))
    return (finding) => {
      if (!lines || lines === 'all') return lines === 'all'
      const { start, end } = rangeOf(finding)
      for (let line = start.line; line <= end.line; line++) if (lines.has(line)) return true
      return false
    }
  }

  private async read(root: string): Promise<Map<string, Lines> | Fault> {
    const git = async (...args: string[]): Promise<string> =>
      (await run('git', ['-C', root, '-c', 'core.quotePath=false', ...args], { maxBuffer: 2 ** 30 })).stdout
    const fault = (problem: string, cure: string): Fault => ({ path: '', value: this.ref, problem, cure })
    try {
      await git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}')
    } catch (error) {
      if (codeOf(error) === 'ENOENT')
        return fault('--since needs git, which is not installed', 'Install git, or lint without --since.')
      return fault('--since needs a git repository with a commit', 'Run it inside one, or lint without --since.')
    }
    try {
      await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${this.ref}^{commit}`)
    } catch {
      const isShallow = (await git('rev-parse', '--is-shallow-repository')).trim() === 'true'
      return fault(
        isShallow ? 'this shallow clone does not hold the commit of --since' : 'git knows no such commit for --since',
        isShallow
          ? `Fetch it first: git fetch --depth=1 origin ${this.ref}, or check out with fetch-depth: 0.`
          : 'Name a commit, branch or tag, such as origin/main.',
      )
    }
    // Where a branch left the ref counts, not what has been added there since; a shallow clone may not know that point.
    const base = await git('merge-base', this.ref, 'HEAD').catch(() => this.ref)
    const diff = await git(
      ...['diff', '--unified=0', '--find-renames', '--no-color', '--no-ext-diff', '--no-prefix', '--relative'],
      ...[base.trim(), '--'],
    )
    const changed = new Map<string, Lines>()
    for (const { to, new: isNew, chunks } of parseDiff(diff)) {
      if (!to || to === '/dev/null') continue
      const lines = new Set<number>()
      for (const { newStart, newLines } of chunks)
        for (let line = newStart; line < newStart + newLines; line++) lines.add(line)
      changed.set(join(root, to), isNew ? 'all' : lines)
    }
    const untracked = await git('ls-files', '--others', '--exclude-standard', '-z')
    for (const path of untracked.split('\0')) if (path) changed.set(join(root, path), 'all')
    return changed
  }
}
