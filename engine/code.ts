import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What a module of a team's own exports as its default, in JavaScript or TypeScript. One that has changed loads anew. */
export async function runModule(path: string): Promise<unknown> {
  const url = pathToFileURL(path).href
  const native = (process.features as { typescript?: unknown }).typescript
  if (!/ts$/.test(extname(path)) || native) {
    return ((await import(`${url}?${statSync(path).mtimeMs}`)) as { default?: unknown }).default
  }
  // The extension does not carry jiti; a project that has code in TypeScript has it, by way of silolint.
  const { createJiti } = await import('jiti').catch(() => {
    const inProject = createRequire(path)
    const beside = createRequire(inProject.resolve('silolint/package.json'))
    return beside('jiti') as typeof import('jiti')
  })
  return createJiti(url, { fsCache: false, moduleCache: false }).import(path, { default: true })
}
