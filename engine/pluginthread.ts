// What a thread of engine/plugins.ts runs: one plugin, over the texts of one document after the other.
import workerpool from 'workerpool'
import { runModule } from './code.ts'
import { type Remark, runPlugin } from './plugin.ts'

const loaded = new Map<string, Promise<unknown>>()

workerpool.worker({
  /** @throws {Error} whose message says what the plugin did wrong */
  async run(module: string, options: unknown, texts: readonly string[]): Promise<Remark[]> {
    if (!loaded.has(module)) loaded.set(module, runModule(module))
    const plugin = await loaded.get(module)
    return runPlugin(plugin, options, texts)
  },
})
