import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Severity, severityOf } from '../../engine/index.ts'
import { exitWith, print } from '../console.ts'
import { diffOf, fixTogether, writeDocument } from '../fix.ts'
import { addOutput, openOutputs, type Target } from '../output.ts'
import type { Summary } from '../report.ts'
import { addSelection, type Selection, selected } from '../selection.ts'
import type { LintResult } from '../silolint.ts'

interface Options extends Selection {
  format: Target[]
  outputFile?: string
  failOn: Severity
  maxWarnings?: number
  quiet?: true
  exitZero?: true
  fix?: true
  fixDryRun?: true
  interactive?: true
}

const weight: Record<Severity, number> = { info: 0, warning: 1, error: 2 }

/** Makes a command the one that lints. */
export function addLint(command: Command): Command {
  return addOutput(addSelection(command))
    .addOption(
      new Option('--fail-on <severity>', 'the least severity with which findings fail the run')
        .choices(['error', 'warning', 'info'])
        .default('warning'),
    )
    .addOption(
      new Option('--max-warnings <number>', 'let up to so many warnings pass; one more fails the run').argParser(
        readCount,
      ),
    )
    .option('--quiet', 'show only findings of the severity that fails the run, or above')
    .option('--fix', 'make the rewrites that are marked as safe')
    .option('--fix-dry-run', 'show them as a diff instead')
    .option('--interactive', 'choose among the rewrites, finding by finding')
    .option('--since <ref>', 'show only findings on lines that changed since this commit, branch or tag')
    .option('--no-baseline', 'show the findings in .silolint/baseline.json too')
    .option('--exit-zero', 'exit with 0 whatever is found; faults still exit with 2')
    .action(lint)
}

function readCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It takes a whole number, 0 or more.')
  return Number(text)
}

async function lint(paths: string[], options: Options, command: Command): Promise<void> {
  const { silolint, documents } = await selected(paths, options, command)
  const outputs = await openOutputs(options.format, options.outputFile)
  const hidden: { -readonly [Why in keyof Summary['hidden']]: number } = {
    baseline: 0,
    suppressed: 0,
    unchanged: 0,
    quiet: 0,
  }
  const counts: Record<Severity, number> = { info: 0, warning: 0, error: 0 }
  if (options.interactive && !process.stdin.isTTY)
    command.error('error: --interactive needs a terminal to ask at; use --fix for the rewrites that are safe')
  let stopped = false
  for await (const linted of silolint.lint(documents)) {
    const result = stopped ? linted : await fixed(linted)
    for (const finding of result.findings) counts[severityOf(finding)]++
    const findings = options.quiet
      ? result.findings.filter((finding) => weight[severityOf(finding)] >= weight[options.failOn])
      : result.findings
    hidden.baseline += result.known.length
    hidden.unchanged += result.unchanged.length
    hidden.quiet += result.findings.length - findings.length
    await outputs.document({ ...result, findings })
  }
  async function fixed(result: LintResult): Promise<LintResult> {
    if (result.path === '<stdin>' || !(options.fix || options.fixDryRun || options.interactive)) return result
    if (options.interactive) {
      const chosen = await fixTogether(result)
      stopped = chosen.stopped
      if (chosen.source === result.source || !(await writeDocument(result, chosen.source))) return result
      return silolint.lintText(chosen.source, result.path)
    }
    const { source, fixed: count, result: after } = await silolint.fix(result)
    if (!count) return result
    if (options.fixDryRun) {
      await print(diffOf(result.path, result.source, source))
      return result
    }
    return (await writeDocument(result, source)) ? after : result
  }

  await outputs.end({ rules: silolint.rules, hidden })
  if (!options.exitZero && fails(counts, options)) exitWith(1)
}

/** Whether so many findings of each severity fail the run. */
function fails(counts: Record<Severity, number>, { failOn, maxWarnings }: Options): boolean {
  return (Object.keys(counts) as Severity[]).some((severity) => {
    if (severity === 'warning' && maxWarnings !== undefined) return counts.warning > maxWarnings
    return weight[severity] >= weight[failOn] && counts[severity] > 0
  })
}
