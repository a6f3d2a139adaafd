// What a thread of cli/workers.ts runs: it finds the configuration for itself and compiles the rules once.
import { workerData } from 'node:worker_threads'
import workerpool from 'workerpool'
import { openProject } from '../engine/disk.ts'
import { pack } from './cache.ts'
import type { ProjectOptions, Work } from './workers.ts'

const project = openProject(workerData as ProjectOptions)

workerpool.worker({
  async lint({ file, path, source, remarks }: Work): Promise<string> {
    const { linter } = await project.resolve(file)
    return pack(linter.lint(source, { path, remarks }))
  },
})
