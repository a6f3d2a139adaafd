import type { VFileMessage } from 'vfile-message'
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionKind,
  type Connection,
  type Position,
  RequestType,
  type TextDocuments,
  type WorkspaceEdit,
} from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { Project } from '../engine/disk.ts'
import { difference, fixSafely } from '../engine/fix.ts'
import { hide } from '../engine/hide.ts'
import type { Format, Linter } from '../engine/index.ts'
import { type LintOptions, type Session, tryOut } from '../engine/linter.ts'
import { source, spanOf } from './diagnostic.ts'
import type { FileChange, Place, ProjectFiles, Refusal } from './projectfiles.ts'
import {
  asksFor,
  type Chosen,
  configureKind,
  type Measure,
  quickFixes,
  suppressKind,
  workspaceEditOf,
} from './quickfix.ts'

/** Fixes all that is safe to fix without anybody looking, and nothing else. */
export const fixAllKind: CodeActionKind = `${CodeActionKind.SourceFixAll}.${source}`

/** What is to be done about a finding, for an editor whose own commands ask for it. */
export interface Wanted {
  uri: string
  rule: string
  position: Position
  measure: Measure
}

/** The edits that do it, and the files among them (URIs) that are to be saved; or why there are none. */
export interface Answer {
  edit?: WorkspaceEdit
  save?: string[]
  refusal?: string
}

export const measureRequest = new RequestType<Wanted, Answer, void>('silolint/measure')

/** The page of a rule, in Markdown, and how much it weighs for a document; null where there is no such rule. */
export const pageRequest = new RequestType<
  { uri: string; rule: string },
  { title: string; page: string; severity: string } | null,
  void
>('silolint/page')

/** What is asked of the server that holds the documents. */
export interface Held {
  documents: TextDocuments<TextDocument>
  client(): ClientCapabilities
  /** The editor has commands of Silolint's own. */
  hasCommands(): boolean
  /** The findings of a document as it is now, with a `draft` where it is a rule file; undefined once it is closed. */
  check(
    uri: string,
  ): Promise<{ document: TextDocument; findings: readonly VFileMessage[]; draft?: unknown } | undefined>
  /** The linter in force for a document, and what plugins say of its text; undefined where it is not linted. */
  linterFor(document: TextDocument): Promise<
    | {
        linter: Linter
        reading: { path: string | undefined; format: Format | undefined }
        remarks(): Promise<LintOptions['remarks']>
        /** The document as it is kept open. */
        session(): Session
      }
    | undefined
  >
  /** What is in force around a document, and what the settings of the editor say of rules. */
  projectOf(uri: string): Promise<{ project: Project; rules: Record<string, unknown> }>
  /** Absolute path of a document and of the folder that is open around it; undefined where it has none. */
  placeOf(uri: string): { path: string; folder: string | undefined } | undefined
  uriOf(path: string): string
  /** The document that is open at an absolute path. */
  documentAt(path: string): TextDocument | undefined
  files: ProjectFiles | undefined
}

/** Offers what can be done about findings, and does it when it is chosen. */
export function serveFixing(connection: Connection, held: Held): void {
  const { documents, client, check, files } = held

  connection.onCodeAction(async (params) => {
    const { context, textDocument } = params
    // Asked on every save and move of the cursor: what is not for us must cost nothing.
    const wantsFixes = [CodeActionKind.QuickFix, suppressKind, configureKind].some((kind) => asksFor(context, kind))
    // Never unless asked by name: it lints the whole document, and again after each round of fixes.
    const wantsAll = context.only?.some((one) => one !== '' && (one === fixAllKind || fixAllKind.startsWith(`${one}.`)))
    if (!wantsFixes && !wantsAll) return []
    const checked = await check(textDocument.uri)
    if (!checked) return []
    const all = wantsAll && !checked.draft ? await fixAll(checked.document) : []
    if (!wantsFixes || !checked.findings.length) return all
    const resolves = resolvesEdits()
    const { levels } = (await held.linterFor(checked.document))?.linter ?? { levels: new Map() }
    const hasProject = files !== undefined && held.placeOf(textDocument.uri) !== undefined
    const offer = { commands: held.hasCommands(), hasProject, resolves, levels }
    const actions = quickFixes(checked.findings, checked.document, params, client(), offer)
    const made = resolves ? actions : await Promise.all(actions.map(withEdit))
    // what cannot be done where it is wanted at once is not offered
    return [...made.filter((action) => resolves || action.edit || action.command), ...all]
  })

  connection.onCodeActionResolve(withEdit)

  connection.onRequest(measureRequest, async ({ uri, rule, position, measure }): Promise<Answer> => {
    const checked = await check(uri)
    const document = checked?.document
    if (!document) return { refusal: 'The document is no longer open.' }
    if (measure.do === 'weigh') return weigh(uri, rule, measure)
    const offset = document.offsetAt(position)
    const finding = checked.findings.find((one) => {
      const { start, end } = spanOf(one)
      return one.ruleId === rule && start <= offset && offset <= end
    })
    return finding ? act(document, finding, measure) : { refusal: 'It is no longer found here.' }
  })

  connection.onRequest(pageRequest, async ({ uri, rule }) => {
    const document = documents.get(uri)
    const rules = document ? (await held.linterFor(document))?.linter.rules : undefined
    const found = rules?.find(({ id }) => id === rule)
    return found ? { title: found.title, page: found.page, severity: found.severity } : null
  })

  const resolvesEdits = (): boolean =>
    client().textDocument?.codeAction?.resolveSupport?.properties.includes('edit') === true

  /** The action with its edit; as it is where the document has changed since it was offered. */
  async function withEdit(action: CodeAction): Promise<CodeAction> {
    if (action.edit || !isChosen(action.data)) return action
    const { uri, version, rule, start, end, measure } = action.data
    const checked = await check(uri)
    if (checked?.document.version !== version) return action
    const finding = checked.findings.find((one) => {
      const span = spanOf(one)
      return one.ruleId === rule && span.start === start && span.end === end
    })
    const { edit } =
      measure.do === 'weigh'
        ? await weigh(uri, rule, measure)
        : finding
          ? await act(checked.document, finding, measure)
          : {}
    return edit ? { ...action, edit } : action
  }

  /** Does what is chosen about a finding. */
  async function act(
    document: TextDocument,
    finding: VFileMessage,
    measure: Exclude<Measure, { do: 'weigh' }>,
  ): Promise<Answer> {
    if (measure.do === 'accept') {
      const place = placeOf(document.uri)
      if (!place || !files) return { refusal: 'The document belongs to no folder that a baseline could lie in.' }
      return written(files.accept(place, finding))
    }
    const { version } = document
    const inForce = await held.linterFor(document)
    const remarks = await inForce?.remarks()
    if (!inForce || document.version !== version) return { refusal: 'The document has changed meanwhile.' }
    const edits = hide(finding, inForce.session(), measure.do, { ...inForce.reading, remarks })
    if (!edits) return { refusal: 'No comment can be put here that hides this finding alone. Rewrite the sentence.' }
    return { edit: workspaceEditOf(edits, document, client()) }
  }

  async function weigh(uri: string, rule: string, { level, scope }: Measure & { do: 'weigh' }): Promise<Answer> {
    const place = placeOf(uri)
    if (!place || !files) return { refusal: 'The document belongs to no folder whose configuration could be changed.' }
    const { project, rules } = await held.projectOf(uri)
    if (Object.hasOwn(rules, rule) && rules[rule] !== level)
      return {
        refusal: `The settings of this editor say “${String(rules[rule])}” for ${rule}, which wins over files. Change it there: silolint.rules.`,
      }
    return written(await files.weigh(project, place, rule, level, scope))
  }

  const placeOf = (uri: string): Place | undefined => {
    const place = held.placeOf(uri)
    return place && files && { ...place, read: (path) => held.documentAt(path)?.getText() ?? files.read(path) }
  }

  /** The address of a file; of one that is open as the editor writes it. */
  const uriAt = (path: string): string => held.documentAt(path)?.uri ?? held.uriOf(path)

  /** Changes of files as edits. One that is open with changes of its own is left to its writer to save. */
  function written(changes: FileChange[] | Refusal): Answer {
    if ('refusal' in changes) return changes
    const edit = fileEdits(changes)
    const save = changes
      .filter(({ path, before }) => before === undefined || before === files?.read(path))
      .map(({ path }) => uriAt(path))
    return { edit, save }
  }

  function fileEdits(changes: readonly FileChange[]): WorkspaceEdit {
    const { documentChanges, resourceOperations } = client().workspace?.workspaceEdit ?? {}
    const all = changes.map(({ path, before, after }) => {
      const uri = uriAt(path)
      const open = held.documentAt(path)
      const document = open ?? TextDocument.create(uri, '', 0, before ?? '')
      const { start, end, text } = difference(document.getText(), after)
      const range = { start: document.positionAt(start), end: document.positionAt(end) }
      return { uri, isNew: before === undefined, version: open?.version ?? null, edits: [{ range, newText: text }] }
    })
    if (!documentChanges) return { changes: Object.fromEntries(all.map(({ uri, edits }) => [uri, edits])) }
    return {
      documentChanges: all.flatMap(({ uri, isNew, version, edits }) => [
        ...(isNew && resourceOperations?.includes('create')
          ? [{ kind: 'create' as const, uri, options: { ignoreIfExists: true } }]
          : []),
        { textDocument: { uri, version }, edits },
      ]),
    }
  }

  /** One action that makes every safe rewrite, as the command line does; none where there is nothing to fix. */
  async function fixAll(document: TextDocument): Promise<CodeAction[]> {
    const text = document.getText()
    const { version } = document
    const inForce = await held.linterFor(document)
    if (!inForce || document.version !== version) return []
    const { edits, fixed } = tryOut(inForce.session(), {}, (lint) => fixSafely(text, lint))
    if (!fixed) return []
    const title = `Make ${fixed === 1 ? 'the rewrite that is safe' : `all ${fixed} rewrites that are safe`} (Silolint)`
    // whole as they are: nobody is there to fill anything in
    return [{ title, kind: fixAllKind, edit: workspaceEditOf(edits, document, withoutSnippets(client())) }]
  }
}

const withoutSnippets = (client: ClientCapabilities): ClientCapabilities => ({
  ...client,
  workspace: { ...client.workspace, workspaceEdit: { ...client.workspace?.workspaceEdit, snippetEditSupport: false } },
})

function isChosen(data: unknown): data is Chosen {
  return typeof data === 'object' && data !== null && 'measure' in data && 'rule' in data
}
