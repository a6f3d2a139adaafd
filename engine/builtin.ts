import { code, guards, roles, rules, vocabularies } from 'silolint:rules'
import type { Sources } from './catalogue.ts'
import { faultToString } from './fault.ts'
import { createLinter, type Linter } from './linter.ts'
import { idOf } from './rulefile.ts'
import { readSettings, type Settings } from './settings.ts'

/** The rules that come with Silolint: the files of rules/, put in when the program is built. */
export const builtIn: Sources = { rules, guards, vocabularies, roles, code }

/** What a program can set: the same as a configuration file, written the same way. */
export interface SiloOptions {
  /** Rules by id: off, info, warning or error. */
  rules?: Settings['rules']
  /** Words to add to a vocabulary, by its name. */
  vocabularies?: Settings['vocabularies']
}

let recommended: Linter | undefined

/**
 * A linter of the built-in rules; the one without options is made once.
 *
 * @throws {Error} when an option cannot be used, with what is wrong and what to do
 */
export function builtInLinter(options: SiloOptions = {}): Linter {
  recommended ??= createLinter([builtIn], { rules: {}, vocabularies: {} }).linter
  if (!options.rules && !options.vocabularies) return recommended
  const known = {
    rules: new Map(recommended.catalogue.rules.map(({ id, severity }) => [id, severity])),
    vocabularies: vocabularies.map(({ path }) => idOf(path)),
  }
  const written = {
    ...(options.rules && { rules: options.rules }),
    ...(options.vocabularies && { vocabularies: options.vocabularies }),
  }
  const { settings, faults } = readSettings(written, '', known, () => ({}))
  if (faults.length) throw new Error(faults.map(faultToString).join('\n'))
  return createLinter([builtIn], settings).linter
}
