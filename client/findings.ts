import {
  commands,
  type Diagnostic,
  DiagnosticSeverity,
  type Disposable,
  EventEmitter,
  type ExtensionContext,
  l10n,
  languages,
  type QuickPickItem,
  QuickPickItemKind,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  type Uri,
  window,
  workspace,
} from 'vscode'
import type { Summary } from './workspace.ts'

export const viewId = 'silolint.findings'

/** What findings are sorted by. */
type Grouping = 'document' | 'rule' | 'owner'
const groupings: readonly Grouping[] = ['document', 'rule', 'owner']

/** The view of all findings in the side bar. */
export interface FindingsView extends Disposable {
  /** All documents are being linted. */
  begin(): void
  /** It is over; without a summary it went wrong, or was stopped before anything was found. */
  end(summary: Summary | undefined): void
  /** Somebody writes process documents here: the view is worth its place from now on. */
  show(): void
  /** Findings of each group as they are shown, for tests. */
  shown(): Promise<Shown[]>
}

/** A line of the view, as its reader sees and hears it. */
export interface Shown {
  label: string
  description: string
  spoken: string
  children: Shown[]
}

interface Finding {
  uri: Uri
  /** As it is shown, with the name of its folder where there are several. */
  path: string
  diagnostic: Diagnostic
  /** Changes with everything that shows. */
  sign: string
}

/** A document, a rule or an owner, with what is found there. */
interface Group {
  id: string
  kind: Grouping
  label: string
  description?: string
  uri?: Uri
  groups: Group[]
  findings: Finding[]
  count: number
  /** Changes with everything that shows. */
  sign: string
  parent?: Group
}

interface Line extends Finding {
  id: string
  parent: Group
}

type Node = Group | Line
const isGroup = (node: Node): node is Group => 'findings' in node

interface Filter {
  text: string
  /** Of none there is no restriction. */
  severities: ReadonlySet<DiagnosticSeverity>
  rules: ReadonlySet<string>
}
const noFilter: Filter = { text: '', severities: new Set(), rules: new Set() }

/** The view is drawn anew at most every so many milliseconds: linting thousands of documents tells of each. */
const betweenDrawings = 250
/** And so many times as long after a drawing as that took. */
const mostDrawing = 10

/** Groups of so many findings in all are unfolded from the start. */
const mostUnfolded = 50

const icons: Record<DiagnosticSeverity, [icon: string, color: string]> = {
  [DiagnosticSeverity.Error]: ['error', 'problemsErrorIcon.foreground'],
  [DiagnosticSeverity.Warning]: ['warning', 'problemsWarningIcon.foreground'],
  [DiagnosticSeverity.Information]: ['info', 'problemsInfoIcon.foreground'],
  [DiagnosticSeverity.Hint]: ['info', 'problemsInfoIcon.foreground'],
}

/**
 * Registers the view of all findings. It shows what the Problems panel shows of Silolint, so that an open document and its
 * file never count twice.
 *
 * @param ownersOf who owns documents, in their order, as the language server knows; nothing while there is none
 */
export function registerFindings(
  context: ExtensionContext,
  ownersOf: (uris: string[]) => Promise<string[][] | undefined>,
): FindingsView {
  /** By URI, each in the order of its document. */
  const found = new Map<string, Finding[]>()
  const owners = new Map<string, string[]>()
  /** Those that have not changed since they were asked about. */
  const knownOwners = new Set<string>()
  let isAsking = false
  let grouping = context.workspaceState.get<Grouping>('groupBy', 'document')
  let filter = noFilter
  let summary: Summary | undefined
  let isLinting = false
  let roots: Group[] = []
  const groups = new Map<string, Group>()
  let total = 0
  /** Findings that pass the filter. */
  let kept = 0
  let isStale = true
  /** How long the last drawing took, in ms. */
  let took = 0
  let drawing: ReturnType<typeof setTimeout> | undefined
  const changed = new EventEmitter<Node | undefined>()
  const contexts = new Map<string, unknown>()
  const setContext = (key: string, value: unknown): void => {
    if (contexts.get(key) === value) return
    contexts.set(key, value)
    commands.executeCommand('setContext', `silolint.${key}`, value)
  }

  const view = window.createTreeView<Node>(viewId, {
    showCollapseAll: true,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (node) => {
        if (!node) {
          draw(false)
          return roots
        }
        if (!isGroup(node)) return []
        return node.groups.length ? node.groups : linesOf(node)
      },
      getParent: (node) => node.parent,
      getTreeItem: (node) => (isGroup(node) ? groupItem(node) : lineItem(node)),
    },
  })

  /** Takes over what is said of these documents, or of all. */
  const take = (uris: readonly Uri[]): boolean => {
    let isNew = false
    for (const uri of uris) {
      const key = uri.toString()
      const before = found.get(key)?.length ?? 0
      const diagnostics = languages.getDiagnostics(uri).filter(({ source }) => source === 'silolint')
      if (!before && !diagnostics.length) continue
      isNew = true
      total += diagnostics.length - before
      if (diagnostics.length) found.set(key, findingsOf(uri, diagnostics))
      else found.delete(key)
      knownOwners.delete(key)
    }
    return isNew
  }

  const drawSoon = (): void => {
    isStale = true
    drawing ??= setTimeout(
      () => {
        drawing = undefined
        showCounts()
        const begun = performance.now()
        // what nobody sees is drawn when somebody looks
        if (view.visible) draw()
        took = performance.now() - begun
      },
      Math.max(betweenDrawings, took * mostDrawing),
    )
  }

  const showCounts = (): void => {
    if (total) setContext('isUsed', true)
    const tooltip = total === 1 ? l10n.t('1 finding') : l10n.t('{0} findings', total)
    if ((view.badge?.value ?? 0) !== total) view.badge = total ? { value: total, tooltip } : undefined
  }

  /** Makes the groups anew and has those drawn that have changed, or all where others have come or gone. */
  const draw = (tells = true): void => {
    if (!isStale) return
    isStale = false
    const all = [...found.values()].sort(([a], [b]) => collator.compare(a?.path ?? '', b?.path ?? '')).flat()
    const passing = all.filter(passes)
    kept = passing.length
    const next = group(passing)
    const isSame = roots.length === next.length && next.every(({ id }, index) => roots[index]?.id === id)
    const before = new Map(roots.map((one) => [one.id, one.sign]))
    const known = new Map(groups)
    groups.clear()
    roots = next.map((one) => adopt(one, known))
    const message = messageOf(all.length)
    if (view.message !== message) view.message = message
    if (tells && !isSame) changed.fire(undefined)
    else if (tells) for (const one of roots) if (before.get(one.id) !== one.sign) changed.fire(one)
    if (grouping === 'owner') askForOwners()
  }

  /** The group as it is known, with what is in it now: what is unfolded stays so. */
  const adopt = (next: Group, known: ReadonlyMap<string, Group>, parent?: Group): Group => {
    const one = Object.assign(known.get(next.id) ?? {}, next)
    groups.set(one.id, one)
    if (parent) one.parent = parent
    one.groups = next.groups.map((below) => adopt(below, known, one))
    return one
  }

  const passes = ({ path, diagnostic }: Finding): boolean => {
    const { text, severities, rules } = filter
    if (severities.size && !severities.has(diagnostic.severity)) return false
    if (rules.size && !rules.has(ruleOf(diagnostic))) return false
    if (!text) return true
    const said = `${diagnostic.message}\n${ruleOf(diagnostic)}\n${path}`
    return said.toLowerCase().includes(text.toLowerCase())
  }

  const group = (findings: readonly Finding[]): Group[] => {
    if (grouping === 'document') return byDocument(findings, '')
    const named = new Map<string, Finding[]>()
    for (const finding of findings) {
      const names = grouping === 'rule' ? [ruleOf(finding.diagnostic)] : owners.get(finding.uri.toString())
      // whose owner is not known yet comes in when it is
      if (!names) continue
      for (const name of names.length ? names : ['']) {
        const known = named.get(name)
        if (known) known.push(finding)
        else named.set(name, [finding])
      }
    }
    const none = grouping === 'rule' ? l10n.t('Configuration and rule files') : l10n.t('No owner named')
    return [...named]
      .map(([name, findings]): Group => {
        const id = `${grouping} ${name}`
        const groups = grouping === 'owner' ? byDocument(findings, `${id}\n`) : []
        return signed({ id, kind: grouping, label: name || none, groups, findings, count: findings.length, sign: '' })
      })
      .sort((a, b) => b.count - a.count || collator.compare(a.label, b.label))
  }

  const byDocument = (findings: readonly Finding[], within: string): Group[] => {
    const documents = new Map<string, Finding[]>()
    for (const finding of findings) {
      const key = finding.uri.toString()
      const known = documents.get(key)
      if (known) known.push(finding)
      else documents.set(key, [finding])
    }
    return [...documents].map(([key, findings]): Group => {
      const { uri, path } = findings[0] as Finding
      const slash = path.lastIndexOf('/')
      return signed({
        ...{ id: `${within}document ${key}`, kind: 'document', uri, label: path.slice(slash + 1), groups: [] },
        ...(slash > 0 && { description: path.slice(0, slash) }),
        ...{ findings, count: findings.length, sign: '' },
      })
    })
  }

  const groupItem = (node: Group): TreeItem => {
    const { Collapsed, Expanded } = TreeItemCollapsibleState
    const item = new TreeItem(node.label, kept <= mostUnfolded ? Expanded : Collapsed)
    item.id = node.id
    item.contextValue = node.kind
    item.description = [String(node.count), node.description].filter(Boolean).join(' · ')
    // not as a resource, which would carry colours and counts of what others say of the file
    item.iconPath = new ThemeIcon({ document: 'file', rule: 'law', owner: 'person' }[node.kind])
    if (node.uri) item.tooltip = workspace.asRelativePath(node.uri)
    const counted = node.count === 1 ? l10n.t('1 finding') : l10n.t('{0} findings', node.count)
    item.accessibilityInformation = { label: [node.label, counted, node.description].filter(Boolean).join(', ') }
    return item
  }

  const linesOf = (parent: Group): Line[] => {
    const seen = new Map<string, number>()
    return parent.findings.map((finding) => {
      const { uri, diagnostic } = finding
      // the same line stays the same where text comes in above it
      const said = `${parent.id}\n${uri}\n${ruleOf(diagnostic)}\n${diagnostic.message}`
      const nth = (seen.get(said) ?? 0) + 1
      seen.set(said, nth)
      return { ...finding, parent, id: `${said}\n${nth}` }
    })
  }

  const lineItem = ({ uri, path, diagnostic, parent, id }: Line): TreeItem => {
    const { message, severity, range } = diagnostic
    const rule = ruleOf(diagnostic)
    const place = l10n.t('line {0}', range.start.line + 1)
    const name = path.slice(path.lastIndexOf('/') + 1)
    // under its rule every message says the same: the place comes first, as the narrow view cuts off the end
    const isByRule = parent.kind === 'rule'
    const item = new TreeItem(isByRule ? `${name} · ${place}` : message)
    item.id = id
    item.contextValue = 'finding'
    item.description = isByRule ? message : [rule, place].filter(Boolean).join(' · ')
    item.tooltip = [message, [rule, path, place].filter(Boolean).join(' · ')].join('\n')
    const [icon, color] = icons[severity]
    item.iconPath = new ThemeIcon(icon, new ThemeColor(color))
    item.accessibilityInformation = { label: [severityName(severity), message, rule, name, place].join(', ') }
    item.command = { title: l10n.t('Open'), command: 'vscode.open', arguments: [uri, { selection: range }] }
    return item
  }

  const messageOf = (all: number): string | undefined => {
    if (isLinting) return l10n.t('Linting…')
    const said: string[] = []
    if (summary?.unreached)
      said.push(l10n.t('Folders that lie on no disk were not looked through: {0}.', summary.unreached))
    // what to do where nothing is left shows only where there is no message
    if (!kept && all) return undefined
    const isFiltered = filter !== noFilter
    if (isFiltered) said.push(l10n.t('Filtered: {0} of {1} findings.', kept, all))
    if (summary && summary.shown < summary.findings)
      said.push(l10n.t('There are {0} findings in all; {1} are shown here.', summary.findings, summary.shown))
    if (summary?.left) said.push(l10n.t('Stopped: {0} documents were not looked at.', summary.left))
    return said.join(' ') || undefined
  }

  const askForOwners = async (): Promise<void> => {
    const missing = [...found.keys()].filter((key) => !knownOwners.has(key))
    if (isAsking || !missing.length) return
    isAsking = true
    try {
      const names = await ownersOf(missing)
      for (const [index, key] of missing.entries()) {
        owners.set(key, names?.[index] ?? [])
        knownOwners.add(key)
      }
    } catch {
      // the server has ended, and with it goes what it found
      return
    } finally {
      isAsking = false
    }
    drawSoon()
  }

  const drawNow = (): void => {
    setContext('isFiltered', filter !== noFilter)
    isStale = true
    draw()
  }
  const setFilter = (next: Filter): void => {
    filter = next.text || next.severities.size || next.rules.size ? next : noFilter
    drawNow()
  }
  const groupBy = (next: Grouping): void => {
    grouping = next
    context.workspaceState.update('groupBy', next)
    setContext('groupBy', next)
    drawNow()
  }

  /** @param words the filter itself, where a key or another extension gives it */
  const filterByText = (words?: unknown): void => {
    if (typeof words === 'string') {
      setFilter({ ...filter, text: words })
      return
    }
    const before = filter
    const input = window.createInputBox()
    input.title = l10n.t('Show findings in which these words occur')
    input.placeholder = l10n.t('Words of a finding, a rule or a path')
    input.value = filter.text
    let isAccepted = false
    input.onDidChangeValue((text) => setFilter({ ...filter, text }))
    input.onDidAccept(() => {
      isAccepted = true
      input.hide()
    })
    input.onDidHide(() => {
      if (!isAccepted) setFilter(before)
      input.dispose()
    })
    input.show()
  }

  /** @param ids the rules to show, where a key or another extension gives them */
  const filterByKind = async (ids?: unknown): Promise<void> => {
    if (Array.isArray(ids)) {
      setFilter({ ...filter, rules: new Set(ids.map(String)) })
      return
    }
    const all = [...found.values()].flat().map(({ diagnostic }) => diagnostic)
    const counted = <T>(of: (diagnostic: Diagnostic) => T): Array<[T, number]> => {
      const counts = new Map<T, number>()
      for (const one of all) counts.set(of(one), (counts.get(of(one)) ?? 0) + 1)
      return [...counts]
    }
    type Item = QuickPickItem & { severity?: DiagnosticSeverity; rule?: string }
    const { severities, rules } = filter
    const items: Item[] = [
      { label: l10n.t('Severity'), kind: QuickPickItemKind.Separator },
      ...counted(({ severity }) => severity)
        .sort(([a], [b]) => a - b)
        .map(
          ([severity, count]): Item => ({
            ...{ label: severityName(severity), description: String(count), severity },
            picked: !severities.size || severities.has(severity),
          }),
        ),
      { label: l10n.t('Rule'), kind: QuickPickItemKind.Separator },
      ...counted(ruleOf)
        .sort(([a], [b]) => compare(a, b))
        .map(
          ([rule, count]): Item => ({
            ...{ label: rule || l10n.t('Configuration and rule files'), description: String(count), rule },
            picked: !rules.size || rules.has(rule),
          }),
        ),
    ]
    const title = l10n.t('Show findings of these severities and rules')
    const chosen = await window.showQuickPick(items, { canPickMany: true, title, matchOnDescription: false })
    if (!chosen) return
    const isAll = (key: 'severity' | 'rule'): boolean =>
      [0, items.filter((item) => item[key] !== undefined).length].includes(
        chosen.filter((item) => item[key] !== undefined).length,
      )
    setFilter({
      text: filter.text,
      severities: new Set(isAll('severity') ? [] : chosen.flatMap(({ severity }) => severity ?? [])),
      rules: new Set(isAll('rule') ? [] : chosen.flatMap(({ rule }) => rule ?? [])),
    })
  }

  const registrations: Disposable[] = [
    view,
    changed,
    view.onDidChangeVisibility(({ visible }) => (visible ? draw() : undefined)),
    languages.onDidChangeDiagnostics(({ uris }) => {
      if (take(uris)) drawSoon()
    }),
    ...groupings.map((one) =>
      commands.registerCommand(`silolint.groupBy${one.charAt(0).toUpperCase()}${one.slice(1)}`, () => groupBy(one)),
    ),
    commands.registerCommand('silolint.filterByText', filterByText),
    commands.registerCommand('silolint.filterByKind', filterByKind),
    commands.registerCommand('silolint.clearFilter', () => setFilter(noFilter)),
  ]
  setContext('groupBy', grouping)
  if (take(languages.getDiagnostics().map(([uri]) => uri))) drawSoon()
  return {
    begin() {
      isLinting = true
      setContext('isUsed', true)
      setContext('isLinting', true)
      drawNow()
    },
    end(next) {
      isLinting = false
      summary = next
      setContext('isLinting', false)
      if (next) setContext('hasLinted', true)
      drawNow()
    },
    show: () => setContext('isUsed', true),
    async shown() {
      isStale = true
      draw()
      const showNode = (node: Node): Shown => {
        const item = isGroup(node) ? groupItem(node) : lineItem(node)
        const below: Node[] = !isGroup(node) ? [] : node.groups.length ? node.groups : linesOf(node)
        return {
          label: String(item.label),
          description: String(item.description ?? ''),
          spoken: item.accessibilityInformation?.label ?? '',
          children: below.map(showNode),
        }
      }
      return roots.map(showNode)
    },
    dispose() {
      clearTimeout(drawing)
      for (const one of registrations) one.dispose()
    },
  }
}

const ruleOf = ({ code }: Diagnostic): string => String((typeof code === 'object' ? code.value : code) ?? '')
/** As people count: the tenth after the ninth. */
const collator = new Intl.Collator(undefined, { numeric: true })
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The findings of a document, in its order. */
function findingsOf(uri: Uri, diagnostics: readonly Diagnostic[]): Finding[] {
  const path = workspace.asRelativePath(uri)
  return [...diagnostics]
    .sort((a, b) => a.range.start.compareTo(b.range.start))
    .map((diagnostic) => {
      const { message, severity, range } = diagnostic
      const { start, end } = range
      const place = [start.line, start.character, end.line, end.character]
      return { uri, path, diagnostic, sign: JSON.stringify([path, message, severity, ruleOf(diagnostic), ...place]) }
    })
}

const severityName = (severity: DiagnosticSeverity): string => {
  if (severity === DiagnosticSeverity.Error) return l10n.t('Error')
  return severity === DiagnosticSeverity.Warning ? l10n.t('Warning') : l10n.t('Information')
}

/** A group with what tells that it looks as before. */
function signed(group: Group): Group {
  group.sign = [
    ...[group.label, group.description ?? ''],
    ...group.groups.map(({ sign }) => sign),
    ...group.findings.map(({ sign }) => sign),
  ].join('\n')
  return group
}
