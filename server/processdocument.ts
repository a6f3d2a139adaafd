import {
  type ClientCapabilities,
  type Connection,
  DocumentOnTypeFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  type ServerCapabilities,
  type TextDocuments,
} from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { Document } from '../engine/block.ts'
import { formatOf } from '../engine/format.ts'
import { readText } from '../engine/text.ts'
import { foldingRangesOf } from './folding.ts'
import { outlineOf } from './outline.ts'
import { continueSteps } from './steps.ts'

const language = 'silolint-process'

/** What a client is told at once, because it cannot be told later for process documents alone. */
export function processDocumentCapabilities({ textDocument }: ClientCapabilities): ServerCapabilities {
  const isAtOnce = (capability: { dynamicRegistration?: boolean } | undefined): boolean =>
    capability !== undefined && !capability.dynamicRegistration
  return {
    ...(isAtOnce(textDocument?.documentSymbol) && { documentSymbolProvider: true }),
    ...(isAtOnce(textDocument?.foldingRange) && { foldingRangeProvider: true }),
    ...(isAtOnce(textDocument?.onTypeFormatting) && {
      documentOnTypeFormattingProvider: { firstTriggerCharacter: '\n' },
    }),
  }
}

/**
 * Serves outline, folding and the numbers of steps for process documents in plain text; Markdown has its own in every
 * editor. Registered with the first such document, and for their language alone, so that no other is asked about.
 */
export function serveProcessDocuments(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  client: () => ClientCapabilities,
): void {
  const readings = new WeakMap<TextDocument, { version: number; reading: Document }>()
  /** The document as it is read; undefined where it is closed or not plain text. */
  const read = (uri: string): { document: TextDocument; reading: Document } | undefined => {
    const document = documents.get(uri)
    if (!document || !isPlainText(document)) return undefined
    const last = readings.get(document)
    const reading = last?.version === document.version ? last.reading : readText(document.getText())
    readings.set(document, { version: document.version, reading })
    return { document, reading }
  }

  connection.onDocumentSymbol(({ textDocument }) => {
    const found = read(textDocument.uri)
    return found ? outlineOf(found.reading, found.document) : null
  })
  connection.onFoldingRanges(({ textDocument }) => {
    const found = read(textDocument.uri)
    return found ? foldingRangesOf(found.reading, found.document) : null
  })
  connection.onDocumentOnTypeFormatting(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri)
    return document && isPlainText(document) ? continueSteps(document, position) : null
  })

  let isRegistered = false
  documents.onDidOpen(({ document }) => {
    if (isRegistered || document.languageId !== language) return
    isRegistered = true
    const { textDocument } = client()
    const options = { documentSelector: [{ language }] }
    const registrations = [
      textDocument?.documentSymbol?.dynamicRegistration &&
        connection.client.register(DocumentSymbolRequest.type, options),
      textDocument?.foldingRange?.dynamicRegistration && connection.client.register(FoldingRangeRequest.type, options),
      textDocument?.onTypeFormatting?.dynamicRegistration &&
        connection.client.register(DocumentOnTypeFormattingRequest.type, { ...options, firstTriggerCharacter: '\n' }),
    ]
    Promise.all(registrations).catch((error: unknown) => connection.console.error(String(error)))
  })
}

/** Whether a document is plain text by its language, or by its ending where the editor knows no such language. */
const isPlainText = ({ languageId, uri }: TextDocument): boolean =>
  languageId === language || (languageId !== 'markdown' && formatOf(uri) === 'text')
