import type { VFileMessage } from 'vfile-message'
import {
  type CancellationToken,
  type Diagnostic,
  DiagnosticSeverity,
  type Location,
  RequestType,
} from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { Layer } from '../engine/catalogue.ts'
import type { Project, Resolved, RuleFileAt } from '../engine/disk.ts'
import { type Draft, openDraft, testDraft } from '../engine/draft.ts'
import { createLinter, type Format } from '../engine/linter.ts'
import { finder } from '../engine/ruletest.ts'
import { findingToDiagnostic, rangeOf } from './diagnostic.ts'
import type { Settings } from './server.ts'
import { type Thread, uriIn } from './thread.ts'

/** A rule file as it stands in an editor, and what the editor says of the rules there. */
export interface Written {
  uri: string
  text: string
  trusted: boolean
  rules: Settings['rules']
}

/** A document as it stands in an editor. */
export interface Open {
  uri: string
  text: string
  format?: Format | undefined
}

/** What the page of a rule file does not bear out, as `silolint rule test` tells it. Takes seconds for a rule of many phrases. */
export const testRequest = new RequestType<Written, Diagnostic[], void>('silolint/test')
/** Where a rule finds something, in the documents of folders; those in `open` as they stand there. */
export const findRequest = new RequestType<Written & { folders: string[]; open: Open[] }, Location[], void>(
  'silolint/find',
)
/** For so many states of rules what they find is kept: somebody goes back and forth between two wordings. */
const mostStates = 4

/** Tests rule files and finds in the workspace. A piece is an example, a document, or the compiling of the phrases. */
export function serveRuleTests({ connection, machine, projectFor, pause }: Thread): void {
  /** The file as it was asked for last, whose compiled phrases serve again. */
  let last: Draft | undefined
  /** What other rules find in examples. */
  const finders = new WeakMap<object, ReturnType<typeof finder>>()
  /** By the state of a rule: what it finds in documents, by their path, with what told that they had not changed. */
  const states = new Map<string, Map<string, { stamp: string; messages: VFileMessage[] }>>()
  const open = async (
    written: Written,
    token: CancellationToken,
  ): Promise<{ project: Project; file: RuleFileAt; draft: Draft; path: string } | undefined> => {
    // of several requests that wait, all but one may have been cancelled
    await pause(token, true)
    const path = machine.pathOf(written.uri)
    const project = projectFor(written)
    const file = path === undefined ? undefined : await project.ruleFile(path)
    if (path === undefined || !file) return undefined
    await pause(token, true)
    const { id, plugin } = file
    const draft = openDraft(file.kind, { path, id, text: written.text, ...(plugin && { plugin }) }, file, last)
    last = draft
    return { project, file, draft, path }
  }
  /** What the rules find that stand beside a rule file: those in force, or of a pack those that it would stand among. */
  const finderBeside = async (project: Project, path: string, { isPack, layers, words }: RuleFileAt) => {
    const { linter } = isPack ? { linter: undefined } : await project.resolve(path)
    const owner: readonly Layer[] | Resolved['linter'] = linter ?? layers
    const known = finders.get(owner) ?? finder(linter ?? createLinter(layers, { rules: {}, ...words }).linter)
    finders.set(owner, known)
    return known
  }

  connection.onRequest(testRequest, async (written, token) => {
    const opened = await open(written, token)
    if (!opened) return []
    const { project, file, draft, path } = opened
    const document = TextDocument.create(written.uri, '', 0, written.text)
    const { otherForms } = await import('../engine/wordforms.ts')
    const others = await finderBeside(project, path, file)
    const test = testDraft(draft, { others, otherForms, plug: project.plug })
    for (let step = await test.next(); ; step = await test.next()) {
      // a rule that is in force although its page does not bear it out is no error
      if (step.done)
        return step.value.map((failure) => ({
          ...findingToDiagnostic(failure, document),
          severity: DiagnosticSeverity.Warning,
        }))
      await pause(token)
    }
  })

  connection.onRequest(findRequest, async (written, token) => {
    const opened = await open(written, token)
    if (!opened) return []
    const { project, file, draft } = opened
    const locations: Location[] = []
    const texts = new Map(written.open.map((document) => [machine.pathOf(document.uri), document]))
    const plugin = draft.rule?.plugin
    // a plugin can change unseen
    const kept = (plugin ? undefined : states.get(draft.key)) ?? new Map()
    // the state asked for last goes last
    states.delete(draft.key)
    states.set(draft.key, kept)
    for (const [key] of states) if (states.size > mostStates) states.delete(key)
    /** Whether the rule is in force for documents here; one that was never saved would be, wherever others beside it are. */
    const isInForce = ({ files, linter }: Resolved): boolean =>
      (!linter.rules.some(({ id }) => id === draft.id) || linter.levels.has(draft.id)) &&
      (file.isPack || !file.files.includes(draft.path) || files.includes(draft.path))
    for (const folder of written.folders) {
      const root = machine.pathOf(folder)
      if (root === undefined) continue
      for (const name of await machine.documentsIn(root)) {
        await pause(token)
        const path = machine.pathOf(uriIn(folder, name))
        if (path === undefined) continue
        const resolved = await project.resolve(path)
        if (!isInForce(resolved) || resolved.ignores(path)) continue
        if (await project.ruleFile(path)) continue
        const known = texts.get(path)
        const stamp = known ? `open ${known.format} ${known.text}` : await machine.stampOf(path)
        if (stamp === undefined) continue
        const before = kept.get(path)
        // a document in which nothing was found need not be read again
        if (before?.stamp === stamp && !before.messages.length) continue
        const read = known ? { source: known.text } : await machine.readDocument(path)
        if (!('source' in read)) continue
        const document = TextDocument.create(
          known?.uri ?? machine.uriOf(path),
          '',
          0,
          read.source.replace(/^\uFEFF/, ''),
        )
        let messages = before?.stamp === stamp ? before.messages : undefined
        if (!messages) {
          await pause(token)
          const { linter } = draft
          const text = document.getText()
          const how = { path, format: known?.format }
          const plugged = plugin && (await project.plug([plugin], linter.prose(text, how), name))
          messages = linter
            .lint(text, { ...how, remarks: plugged?.remarks })
            .messages.filter(({ ruleId }) => ruleId === draft.id)
          kept.set(path, { stamp, messages })
        }
        for (const message of resolved.part(path, messages).fresh)
          locations.push({ uri: document.uri, range: rangeOf(message, document) })
      }
    }
    return locations
  })
}
