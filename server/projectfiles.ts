// What an editor writes into the files of a project: its configuration and its baseline. For servers with a disk.
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type { VFileMessage } from 'vfile-message'
import { baselineToString, entryOf, readBaseline } from '../engine/baseline.ts'
import type { Part } from '../engine/configuration.ts'
import { atEnd, withSetting } from '../engine/configurationediting.ts'
import type { Project } from '../engine/disk.ts'
import { baselinePlace, nearestAbove, repositoryRoot } from '../engine/files.ts'
import type { Keys } from '../engine/settings.ts'
import type { Severity } from '../engine/severity.ts'

/** How much a rule can be made to weigh. */
export type Level = Severity | 'off'

/** Where a rule is to weigh so: in the folder of the document and those below it, or in the whole project. */
export type Scope = 'folder' | 'project'

/** A file of the project with its new text. */
export interface FileChange {
  /** Absolute path. */
  path: string
  /** Undefined where there is no such file yet. */
  before: string | undefined
  after: string
}

/** Why nothing can be written, in a sentence or two for the writer. */
export interface Refusal {
  refusal: string
}

/** A document, where it is open and what reads the files around it. */
export interface Place {
  /** Absolute path of the document. */
  path: string
  /** Absolute path of the folder that the editor has open around it. */
  folder: string | undefined
  /** The text of a file as the editor has it, or as it is on the disk; undefined where there is none. */
  read(path: string): string | undefined
}

/** What a server with a disk can write. */
export interface ProjectFiles {
  weigh(project: Project, place: Place, rule: string, level: Level, scope: Scope): Promise<FileChange[] | Refusal>
  accept(place: Place, finding: VFileMessage): FileChange[] | Refusal
  /** The text of a file; undefined where there is none or it is no text. */
  read(path: string): string | undefined
}

/** The configuration that is written where there is none: YAML, for its comments. */
const newConfiguration = '.silolintrc.yaml'
const newConfigurationText = `# Settings of Silolint for this folder and those below it.
# All that can be set: https://github.com/silolint/silolint#configuration
`

export const projectFiles: ProjectFiles = {
  weigh,
  accept,
  read(path) {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
    } catch {
      return undefined
    }
  },
}

const isBelow = (path: string, folder: string): boolean => !/^\.\.(?:[\\/]|$)/.test(relative(folder, path))

/**
 * Makes a rule weigh so much, in the configuration that is there: in the nearest one for a folder, in an override where that
 * lies further up; in the outermost of the project for all of it. What says otherwise of this document, and would win, is
 * changed with it.
 */
async function weigh(
  project: Project,
  { path, folder, read }: Place,
  rule: string,
  level: Level,
  scope: Scope,
): Promise<FileChange[] | Refusal> {
  const { above, parts } = await project.configuredBy(path)
  const here = dirname(path)
  const root = repositoryRoot(here)
  const isRepository = existsSync(join(root, '.git'))
  // outside of a repository those of folders above the project are somebody else's
  const own = above.filter((one) => isRepository || folder === undefined || isBelow(one, folder))
  const inFolder = own.filter((one) => folder !== undefined && isBelow(one, folder))
  const target = scope === 'folder' ? own[0] : (inFolder.at(-1) ?? own[0])
  if (target === undefined) {
    const at = scope === 'folder' ? here : (folder ?? (isRepository ? root : here))
    const path = join(at, newConfiguration)
    const after = withSetting(newConfiguration, newConfigurationText, ['rules', rule], level)
    return after === undefined || existsSync(path) ? cannotWrite(path) : [{ path, before: undefined, after }]
  }

  const texts = new Map<string, string>()
  /** Whether a place in a list, which is one of the file, may be another in a text that is not saved yet. */
  let isElsewhere = false
  const put = (path: string, keys: Keys, value: unknown): boolean => {
    const isInList = keys.some((key) => typeof key === 'number' && key !== atEnd)
    isElsewhere ||= isInList && read(path) !== projectFiles.read(path)
    if (isElsewhere) return false
    const text = texts.get(path) ?? read(path)
    const after = text === undefined ? undefined : withSetting(basename(path), text, keys, value)
    if (after !== undefined) texts.set(path, after)
    return after !== undefined
  }
  const refused = (path: string): Refusal =>
    isElsewhere
      ? {
          refusal: `${basename(path)} has changes that are not saved, so Silolint leaves it alone. Save it and try again.`,
        }
      : cannotWrite(path)
  /** Behind this one parts are stronger than what is written. */
  let position = parts.findIndex((part) => part.path === target && !part.files)
  let done: boolean
  const way = relative(dirname(target), here).replaceAll('\\', '/')
  if (scope === 'folder' && way) {
    const glob = `${way.replace(/[\\!()[\]{}*?+@,]/g, '\\$&')}/**`
    const known = parts.findLastIndex((part) => part.path === target && part.files?.join('\n') === glob)
    position = known < 0 ? parts.findLastIndex((part) => part.path === target) : known
    done =
      known < 0
        ? put(target, ['overrides', atEnd], { files: glob, rules: { [rule]: level } })
        : put(target, [...(parts[known] as Part).keys, 'rules', rule], level)
  } else done = put(target, ['rules', rule], level)
  if (!done) return refused(target)
  for (const part of parts.slice(position + 1)) {
    if (!Object.hasOwn(part.settings.rules, rule)) continue
    const [nearest] = own
    // what is extended is not ours to change: the configuration that extends it has the last word
    const isOurs = own.includes(part.path)
    const [at, keys] = isOurs || !nearest ? [part.path, part.keys] : [nearest, []]
    if (!put(at, [...keys, 'rules', rule], level)) return refused(at)
  }
  return [...texts].map(([path, after]) => ({ path, before: read(path), after }))
}

function cannotWrite(path: string): Refusal {
  const name = basename(path)
  return {
    refusal: /\.[cm]?[jt]s$/.test(name)
      ? `${name} is code, so Silolint does not change it. Write the rule there.`
      : `${name} cannot be changed as it is written. Mend it, or write the rule there.`,
  }
}

/** Takes a finding into the baseline in force, or into a new one where the command line would write it. */
function accept({ path, folder, read }: Place, finding: VFileMessage): FileChange[] | Refusal {
  const here = dirname(path)
  const root = repositoryRoot(here)
  const isRepository = existsSync(join(root, '.git'))
  const file = nearestAbove(here, baselinePlace) ?? join(isRepository ? root : (folder ?? here), baselinePlace)
  const before = read(file)
  if (before === undefined && existsSync(file))
    return {
      refusal: `${basename(file)} cannot be read as UTF-8 text. Mend it, or write it anew with "silolint baseline".`,
    }
  const { baseline, faults } = before === undefined ? { baseline: {}, faults: [] } : readBaseline(before, file)
  const [fault] = faults
  if (fault) return { refusal: `In ${basename(file)} ${fault.problem}. ${fault.cure}` }
  const document = relative(dirname(dirname(file)), path).replaceAll('\\', '/')
  const entries = [...(baseline[document] ?? []), entryOf(finding)]
  return [{ path: file, before, after: baselineToString({ ...baseline, [document]: entries }) }]
}
