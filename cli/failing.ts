import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Severity, severities, severityOf, weightOf } from '../engine/severity.ts'
import type { LintResult } from './silolint.ts'

/** What the options say of when a run fails. */
export interface Failing {
  failOn: Severity
  maxWarnings?: number
  quiet?: true
  exitZero?: true
}

/** Adds the options that say which findings fail a run, and whether the others are shown. */
export function addFailing(command: Command): Command {
  return command
    .addOption(
      new Option('--fail-on <severity>', 'the least that fails the run').choices(severities).default('warning'),
    )
    .addOption(new Option('--max-warnings <number>', 'let so many warnings pass').argParser(readCount))
    .option('--quiet', 'show only what can fail the run')
    .option('--exit-zero', 'exit with 0 whatever is found; with 2 on faults')
}

function readCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It takes a whole number, 0 or more.')
  return Number(text)
}

/** Counts the findings of a run and tells whether they fail it. */
export class Tally {
  private readonly options: Failing
  private readonly counts: Record<Severity, number> = { info: 0, warning: 0, error: 0 }

  constructor(options: Failing) {
    this.options = options
  }

  /** Counts the findings of a document. @returns those to show, as `--quiet` has it */
  add({ findings }: Pick<LintResult, 'findings'>): LintResult['findings'] {
    for (const finding of findings) this.counts[severityOf(finding)]++
    const { quiet, failOn } = this.options
    return quiet ? findings.filter((finding) => weightOf(severityOf(finding)) >= weightOf(failOn)) : findings
  }

  /** Whether what was counted fails the run. */
  get fails(): boolean {
    const { failOn, maxWarnings, exitZero } = this.options
    if (exitZero) return false
    return severities.some((severity) => {
      if (severity === 'warning' && maxWarnings !== undefined) return this.counts.warning > maxWarnings
      return weightOf(severity) >= weightOf(failOn) && this.counts[severity] > 0
    })
  }
}
