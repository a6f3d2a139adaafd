import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ArtifactLocation, Region, ReportingConfiguration, ReportingDescriptor, Result } from 'sarif'
import type { VFileMessage } from 'vfile-message'
import { rangeOf } from '../../engine/finding.ts'
import type { RuleInfo } from '../../engine/linter.ts'
import { placeholdersOf } from '../../engine/rewrite.ts'
import { type Severity, severityOf } from '../../engine/severity.ts'
import manifest from '../../package.json' with { type: 'json' }
import type { Report } from '../report.ts'
import { fingerprintsOf } from './fingerprint.ts'
import { isPublic, repositoryPaths } from './place.ts'
import measured from './precision.json' with { type: 'json' }
import { messageOf } from './wording.ts'

const levels: Record<Severity, NonNullable<ReportingConfiguration['level']>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
}

/**
 * SARIF 2.1.0 with what GitHub's code scanning needs. Results are printed as they come, and the rules behind them:
 * those that found something first, in the order of `ruleIndex`, then the others that were in force.
 *
 * @param category of two uploads of one category for a commit GitHub keeps the second only
 */
export function sarif(category = ''): Report {
  const pathOf = repositoryPaths()
  const indexes = new Map<string, number>()
  const head = [
    '{"$schema":"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"',
    '"version":"2.1.0"',
    // GitHub takes what stands before the last slash for the category, and the rest for a run of it
    `"runs":[{"automationDetails":{"id":${JSON.stringify(`silolint/${category && `${category}/`}`)}}`,
    '"columnKind":"utf16CodeUnits"',
    '"results":[',
  ].join(',')
  let before = `${head}\n`
  return {
    document({ file, findings }) {
      const path = pathOf(file)
      const fingerprints = fingerprintsOf(findings)
      return findings
        .map((finding, index) => {
          const { ruleId = '' } = finding
          if (!indexes.has(ruleId)) indexes.set(ruleId, indexes.size)
          const result: Result = {
            ruleId,
            ruleIndex: indexes.get(ruleId) as number,
            ...toResult(finding, path),
            // Not `primaryLocationLineHash`: GitHub's upload reckons that one itself and warns of each that differs.
            partialFingerprints: { 'silolint/v1': fingerprints[index] as string },
          }
          const entry = `${before}${JSON.stringify(result)}`
          before = ',\n'
          return entry
        })
        .join('')
    },
    async end(summary) {
      const rules = await summary.rules()
      const found = [...indexes.keys()]
      const info = new Map(rules.map((rule) => [rule.id, rule]))
      const others = rules.filter(({ id, severity }) => severity !== 'off' && !indexes.has(id)).map(({ id }) => id)
      const driver = {
        name: 'Silolint',
        semanticVersion: manifest.version,
        informationUri: manifest.homepage,
        rules: [...found, ...others].map((id) => toDescriptor(id, info.get(id))),
      }
      const open = before === ',\n' ? '\n' : head
      return `${open}],"tool":${JSON.stringify({ driver })}}]}\n`
    },
  }
}

function toResult(finding: VFileMessage, path: string): Pick<Result, 'level' | 'message' | 'locations' | 'fixes'> {
  const { actual = '', expected = [] } = finding
  const { start, end } = rangeOf(finding)
  const region: Region = {
    startLine: start.line,
    startColumn: start.column,
    endLine: end.line,
    endColumn: end.column,
  }
  const artifactLocation: ArtifactLocation = { uri: toUri(path) }
  const whole = expected.filter((rewrite) => !placeholdersOf(rewrite, actual).length)
  return {
    level: levels[severityOf(finding)],
    message: { text: messageOf(finding) },
    locations: [{ physicalLocation: { artifactLocation, region } }],
    ...(whole.length && {
      fixes: whole.map((text) => ({
        description: { text: text === '' ? 'Leave it out.' : 'Reword it.' },
        artifactChanges: [{ artifactLocation, replacements: [{ deletedRegion: region, insertedContent: { text } }] }],
      })),
    }),
  }
}

function toDescriptor(id: string, rule: RuleInfo | undefined): ReportingDescriptor {
  const severity = !rule || rule.severity === 'off' ? 'warning' : rule.severity
  const precision = precisionOf(id)
  return {
    id,
    name: id.replace(/(?:^|[^\p{L}\p{N}]+)([\p{L}\p{N}])/gu, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: rule?.title || id },
    fullDescription: { text: rule?.note || rule?.title || id },
    help: { text: rule?.note || rule?.title || id, markdown: rule ? helpOf(rule) : id },
    ...(rule && isPublic(rule.url) && { helpUri: rule.url }),
    defaultConfiguration: { level: levels[severity] },
    properties: {
      tags: ['silo-language', 'writing'],
      ...(precision && { precision }),
      'problem.severity': severity === 'info' ? 'recommendation' : severity,
    },
  }
}

/** The page of a rule with a handful of its examples: there are dozens, which are its tests. */
function helpOf({ page, url }: RuleInfo): string {
  const [text = '', examples = ''] = page.split(/^```diff\n/m, 2)
  const some = /^(?:[-+ ].*\n){1,8}/.exec(examples)?.[0]
  return [text.trim(), some && `\`\`\`diff\n${some}\`\`\``, isPublic(url) && `[All examples](${url})`]
    .filter(Boolean)
    .join('\n\n')
}

/** How right a rule is, in GitHub's words; nothing for a rule that nobody has measured. */
function precisionOf(id: string): string | undefined {
  const percent = Object.hasOwn(measured, id) ? measured[id as keyof typeof measured] : undefined
  if (percent === undefined) return undefined
  return percent >= 95 ? 'very-high' : percent >= 85 ? 'high' : percent >= 70 ? 'medium' : 'low'
}

function toUri(path: string): string {
  return isAbsolute(path) ? pathToFileURL(path).href : path.split('/').map(encodeURIComponent).join('/')
}
