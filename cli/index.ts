// What `import … from 'silolint'` gives: the engine, and the class that lints files as the command line does.

export type { BaselineEntry } from '../engine/baseline.ts'
export * from '../engine/index.ts'
export { default } from '../engine/index.ts'
export type { Document } from './documents.ts'
export { type LintResult, type Progress, Silolint, type SilolintOptions } from './silolint.ts'
