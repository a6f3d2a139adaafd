import { existsSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { repositoryRoot } from '../../engine/files.ts'
import { slashed } from '../documents.ts'

/**
 * How a forge knows a file: by its path from the root of the repository that holds the current folder, or from the
 * current folder where there is no repository. A file outside has its absolute path.
 */
export function repositoryPaths(): (file: string) => string {
  const here = process.cwd()
  const above = repositoryRoot(here)
  const root = existsSync(join(above, '.git')) ? above : here
  return (file) => {
    const path = slashed(relative(root, file))
    return path.startsWith('../') || isAbsolute(path) ? slashed(file) : path
  }
}

/** Whether a rule's page can be opened by whoever reads the report; that of a team's rule may be a file of one machine. */
export const isPublic = (url: string | undefined): url is string => /^https?:\/\/[^\s<>"()]+$/.test(url ?? '')
