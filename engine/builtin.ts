import { bytes, code } from 'silolint:rules'
import { type Layer, setCompiled } from './catalogue.ts'
import { unpackLayer } from './compiled.ts'
import { faultToString } from './fault.ts'
import { createLinter, type Linter, levelsOf, linterOf, rulesOf } from './linter.ts'
import { readSettings, type Settings } from './settings.ts'

/** The rules that come with Silolint: the files of rules/, read when the program is built. */
export const builtIn: Layer = open()

function open(): Layer {
  try {
    const { layer, compiled } = unpackLayer(bytes(), code)
    setCompiled(layer, compiled)
    return layer
  } catch (error) {
    // a file of the program is missing or cut off
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`The rules that come with Silolint cannot be read (${why}). Install it again.`, { cause: error })
  }
}

/** What a program can set: the same as a configuration file, written the same way. */
export interface SiloOptions {
  /** Rules by id: off, info, warning or error. */
  rules?: Settings['rules']
  /** Words to add to a vocabulary, by its name. */
  vocabularies?: Settings['vocabularies']
  /** Sectors whose words to know, such as "health" or ["housing", "charity"]. */
  sector?: string | string[]
}

let recommended: Linter | undefined

/**
 * A linter of the built-in rules; the one without options is made once.
 *
 * @throws {Error} when an option cannot be used, with what is wrong and what to do
 */
export function builtInLinter(options: SiloOptions = {}): Linter {
  recommended ??= createLinter([builtIn], { rules: {} }).linter
  if (!Object.keys(options).length) return recommended
  const known = {
    rules: new Map(rulesOf(recommended.catalogue).map(({ id, severity }) => [id, severity])),
    vocabularies: builtIn.vocabularies.map(({ id }) => id),
    sectors: builtIn.sectors.map(({ id }) => id),
  }
  const { settings, faults } = readSettings(options, '', known, () => ({}))
  if (faults.length) throw new Error(faults.map(faultToString).join('\n'))
  if (Object.keys(settings.vocabularies).length || settings.sectors?.length)
    return createLinter([builtIn], settings).linter
  return linterOf(recommended.catalogue, levelsOf(recommended.catalogue, settings.rules))
}
