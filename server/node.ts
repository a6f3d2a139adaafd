#!/usr/bin/env node
/** The language server as a Node process: `--stdio`, `--node-ipc`, `--socket=…` or `--pipe=…`; by itself over stdio. */
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import {
  createConnection,
  createMessageConnection,
  PortMessageReader,
  PortMessageWriter,
  ProposedFeatures,
} from 'vscode-languageserver/node'
import { openProject } from '../engine/disk.ts'
import { codeOwnersAbove, documentsIn, isFolder, readDocument, stampOf } from '../engine/files.ts'
import { projectFiles } from './projectfiles.ts'
import { serveRuleTests } from './ruletests.ts'
import { type Machine, serve } from './server.ts'
import { serveThread } from './thread.ts'
import { serveWorkspace } from './workspacethread.ts'

const machine: Machine = {
  // beside this file, in dist/
  openProject: (options) => openProject({ ...options, plugins: { script: join(__dirname, 'plugin.js') } }),
  documentsIn,
  codeOwnersAbove: async (folder) => codeOwnersAbove(folder),
  readDocument,
  stampOf,
  isFolder,
  pathOf(uri) {
    try {
      return fileURLToPath(uri)
    } catch {
      // Another scheme (untitled, a remote file system) or a file URI that names no path here.
      return undefined
    }
  },
  uriOf: (path) => pathToFileURL(path).href,
  files: projectFiles,
  startThread() {
    // what it prints would stand in the middle of what the server says to its editor
    // and the young of V8's heap, 48 MB if left alone, grow to it without any gain in time
    const resourceLimits = { maxYoungGenerationSizeMb: 12 }
    const thread = new Worker(__filename, { stdout: true, stderr: true, resourceLimits })
    thread.unref()
    const connection = createMessageConnection(new PortMessageReader(thread), new PortMessageWriter(thread))
    // whoever waits for an answer must not wait for ever
    thread.once('exit', () => connection.dispose())
    thread.once('error', (error) => console.error(error))
    connection.listen()
    return { connection, end: () => void thread.terminate() }
  },
}

// one script is both, since the rules in it are large
if (isMainThread || !parentPort) {
  if (!process.argv.some((argument) => /^--(?:stdio|node-ipc|socket|pipe)\b/.test(argument)))
    process.argv.push('--stdio')
  serve(createConnection(ProposedFeatures.all), machine)
} else
  serveThread(createMessageConnection(new PortMessageReader(parentPort), new PortMessageWriter(parentPort)), machine, [
    serveRuleTests,
    serveWorkspace,
  ])
