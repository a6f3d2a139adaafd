import { type Command, Option } from 'commander'
import picocolors from 'picocolors'
import { severityOf } from '../../engine/index.ts'
import { exitWith, print } from '../console.ts'
import { type Destination, type FormatName, formatNames, formats, type Summary } from '../report.ts'
import { addSelection, type Selection, selected } from '../selection.ts'

interface Options extends Selection {
  format: FormatName
}

/** Makes a command the one that lints. */
export function addLint(command: Command): Command {
  return addSelection(command)
    .addOption(new Option('--format <name>', 'how findings are printed').choices(formatNames).default('stylish'))
    .option(
      '--no-cache',
      'accepted for scripts shared with other linters; there is no cache, every run reads everything',
    )
    .action(lint)
}

async function lint(paths: string[], options: Options, command: Command): Promise<void> {
  const { silolint, documents } = await selected(paths, options, command)
  const report = await formats[options.format](destination())
  const hidden: Summary['hidden'] = { baseline: 0, suppressed: 0, unchanged: 0, quiet: 0 }
  for await (const result of silolint.lint(documents)) {
    if (result.findings.some((finding) => severityOf(finding) !== 'info')) exitWith(1)
    await print(report.document(result))
  }
  await print(report.end({ rules: silolint.rules, hidden }))
}

/** How stdout takes colours and how wide it is. */
function destination(): Destination {
  const { isTTY, columns } = process.stdout
  // picocolors alone colours every output on Windows and in CI, also one that goes into a file.
  const { FORCE_COLOR } = process.env
  const colored = picocolors.isColorSupported && FORCE_COLOR !== '0' && (isTTY || Boolean(FORCE_COLOR))
  return { colors: picocolors.createColors(colored), width: columns || Number(process.env.COLUMNS) || undefined }
}
