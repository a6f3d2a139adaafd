/** The language server as a Node process: `--stdio`, `--node-ipc`, `--socket=…` or `--pipe=…`. */
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node'
import { documentsIn, openProject, readDocument } from '../engine/disk.ts'
import { serve } from './server.ts'

serve(createConnection(ProposedFeatures.all), {
  // beside this file, in dist/
  openProject: (options) => openProject({ ...options, plugins: { script: join(__dirname, 'plugin.js') } }),
  documentsIn,
  readDocument,
  pathOf(uri) {
    try {
      return fileURLToPath(uri)
    } catch {
      // Another scheme (untitled, a remote file system) or a file URI that names no path here.
      return undefined
    }
  },
  uriOf: (path) => pathToFileURL(path).href,
})
