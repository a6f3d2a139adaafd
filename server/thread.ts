import {
  type CancellationToken,
  LSPErrorCodes,
  type MessageConnection,
  NotificationType0,
  RAL,
  ResponseError,
} from 'vscode-languageserver'
import type { Project } from '../engine/disk.ts'
import type { Machine, Settings } from './server.ts'

/** Configuration or rules may have changed. */
export const changedNotification = new NotificationType0('silolint/changed')

/** What the thread beside the server is served with. */
export interface Thread {
  connection: MessageConnection
  machine: Omit<Machine, 'startThread'>
  /** What is in force, with the rules that an editor switches. */
  projectFor(how: { trusted: boolean; rules: Settings['rules'] }): Project
  /**
   * Lets messages in between two pieces of work, unless the last one was short.
   *
   * @param always let them in however short it was
   * @throws {ResponseError} when one of them cancels the request
   */
  pause(token: CancellationToken, always?: boolean): Promise<void>
}

/** How long other messages may wait for a piece of work, in ms. */
const longestPiece = 20

/**
 * Answers, over a connection between two threads, what takes too long beside a writer's typing. A request that is cancelled
 * is given up after the piece in hand.
 *
 * @param services what answers
 */
export function serveThread(
  connection: MessageConnection,
  machine: Thread['machine'],
  services: ReadonlyArray<(thread: Thread) => void>,
): void {
  const projects = new Map<string, Project>()
  let pieceBegun = 0
  const thread: Thread = {
    connection,
    machine,
    projectFor({ trusted, rules }) {
      const key = JSON.stringify([trusted, rules])
      const project = projects.get(key) ?? machine.openProject({ trusted, overrides: { rules } })
      projects.set(key, project)
      return project
    },
    async pause(token, always = false) {
      if (!always && performance.now() - pieceBegun < longestPiece) return
      // a message is handled each turn of the event loop
      for (let turns = 0; turns < 2; turns++) await new Promise<void>((resolve) => RAL().timer.setImmediate(resolve))
      pieceBegun = performance.now()
      if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled')
    },
  }
  for (const serve of services) serve(thread)
  connection.onNotification(changedNotification, () => {
    for (const project of projects.values()) project.clear()
  })
  connection.listen()
}

/** The URI of a document by its path from the folder of a URI. */
export const uriIn = (folder: string, path: string): string =>
  `${folder.replace(/\/$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`
