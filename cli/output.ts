import { stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import picocolors from 'picocolors'
import { nearest } from '../engine/nearest.ts'
import { print, reportFault, terminal } from './console.ts'
import { codeOf, slashed } from './documents.ts'
import { type FormatName, formatNames, formats, type Shown, type Summary } from './report.ts'

/** A format and where its report goes; without a file to stdout. */
export interface Target {
  format: FormatName
  file?: string
}

/** What the options say of reports. */
export interface OutputOptions {
  format: Target[]
  outputFile?: string
  category?: string
}

/** Adds the options that say how findings are printed and where to. */
export function addOutput(command: Command): Command {
  return command
    .addOption(
      new Option('-f, --format <name[=file]>', `${formatNames.join(', ')}; repeat it for more`)
        .argParser(readTarget)
        .default([], 'stylish'),
    )
    .option('-o, --output-file <file>', 'print to a file instead of stdout')
    .option('--category <name>', 'sarif: tells its alerts from those of other runs')
}

function readTarget(text: string, targets: Target[]): Target[] {
  const [, name = text, file] = /^([^=]*)=(.*)$/s.exec(text) ?? []
  if (!isFormat(name)) {
    const meant = nearest(name, formatNames)
    // with so many names the nearest may be far from what was meant: "xml" is near "html"
    throw new InvalidArgumentError(
      `${meant ? `Did you mean "${meant}"? ` : ''}The formats are ${formatNames.join(', ')}.`,
    )
  }
  if (file === '') throw new InvalidArgumentError('Name a file after the =, or leave the = out.')
  return [...targets, file === undefined ? { format: name } : { format: name, file }]
}

const isFormat = (name: string): name is FormatName => (formatNames as string[]).includes(name)

/** Reports that a run prints at once: to stdout as it goes, to files when it is done, each whole or not at all. */
export interface Outputs {
  document(result: Shown): Promise<void>
  end(summary: Summary): Promise<void>
}

/** The report of a file is kept in pieces of so many characters. */
const atOnce = 2 ** 16

/** Opens the reports that the command line asks for. A file that cannot be written is a fault. */
export async function openOutputs({ format: targets, outputFile, category }: OutputOptions): Promise<Outputs> {
  const wanted = targets.length ? targets : [{ format: 'stylish' as const, file: undefined }]
  const open = await Promise.all(
    wanted.map(async ({ format, file = outputFile }) => {
      const report = await formats[format]({
        ...(file === undefined ? terminal() : { colors: picocolors.createColors(false) }),
        category,
      })
      return { report, file, text: '', bytes: [] as Buffer[] }
    }),
  )
  const add = async (one: (typeof open)[number], piece: string): Promise<void> => {
    if (one.file === undefined) return print(piece)
    one.text += piece
    if (one.text.length < atOnce) return
    // half as large as text with quotation marks, and outside of what has to be looked through for what is in use
    one.bytes.push(Buffer.from(one.text))
    one.text = ''
  }
  return {
    async document(result) {
      for (const one of open) {
        const piece = one.report.document(result)
        if (piece) await add(one, piece)
      }
    },
    async end(summary) {
      for (const one of open) {
        await add(one, await one.report.end(summary))
        if (one.file === undefined) continue
        try {
          const path = resolve(one.file)
          // a device or a named pipe must not be replaced by a file
          const isFile = await stat(path).then(
            (known) => known.isFile(),
            () => true,
          )
          const { default: writeFileAtomic } = await import('write-file-atomic')
          await (isFile ? writeFileAtomic : writeFile)(path, Buffer.concat([...one.bytes, Buffer.from(one.text)]))
        } catch (error) {
          const code = codeOf(error)
          reportFault({
            path: slashed(one.file),
            problem: `the report cannot be written (${code})`,
            cure: code === 'ENOENT' ? 'Make its folder first.' : 'Check its folder, its permissions and the disk.',
          })
        }
      }
    },
  }
}
