// The server as other editors start it, and the recipe for Neovim in a real one.
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { command, folderWith } from './command.ts'
import { Editor } from './protocoleditor.ts'

const disowning = 'Refunds 💶 are not our responsibility.'

describe('the server from npm', () => {
  test.each([
    ['silolint lsp', [command, 'lsp']],
    ['silolint lsp --stdio', [command, 'lsp', '--stdio']],
    ['silolint-language-server', [command.replace('cli.js', 'server.cjs')]],
  ])('answers as %s', async (_, args) => {
    const editor = await Editor.start({ args })
    const document = await editor.open('untitled:Untitled-1', disowning)
    expect((await editor.pull(document)).map(({ code }) => code)).toEqual(['disowning'])
  })
})

const version = /^NVIM v0\.(\d+)/.exec(spawnSync('nvim', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1]
if (version === undefined)
  console.warn('Neovim is not installed (Debian: apt-get install neovim): its recipe is not run.')

describe.skipIf(version === undefined)('the recipe for Neovim', () => {
  const [modern = '', older = ''] = [...readFileSync('docs/editors.md', 'utf8').matchAll(/```lua\n([\s\S]*?)```/g)].map(
    (found) => found[1] as string,
  )

  /** What somebody does in the editor: waits for findings, reads about one, takes a rewrite, and writes on. */
  const session = `
local said = {}
local function found(count)
  vim.wait(30000, function() return #vim.diagnostic.get(0) == count end, 20)
  return vim.tbl_map(function(one) return { one.lnum, one.col, one.end_col, one.code, one.source } end, vim.diagnostic.get(0))
end
local function ask(method, params)
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 30000) or {}) do return answer.result end
end
said.filetype = vim.bo.filetype
said.findings = found(1)
local line = vim.api.nvim_buf_get_lines(0, 2, 3, true)[1]
local function at(byte) return { line = 2, character = select(2, vim.str_utfindex(line, byte)) } end
local range = { start = at(said.findings[1][2]), ['end'] = at(said.findings[1][3]) }
local where = { uri = vim.uri_from_bufnr(0) }
said.hover = ask('textDocument/hover', { textDocument = where, position = range.start }).contents.value
local fix = ask('textDocument/codeAction', { textDocument = where, range = range, context = { diagnostics = {} } })[1]
vim.lsp.util.apply_workspace_edit(fix.edit, 'utf-16')
said.left = found(0)
said.rewritten = vim.api.nvim_buf_get_lines(0, 2, 3, true)[1]
vim.api.nvim_buf_set_lines(0, -1, -1, true, { '', 'Engineering throws the build over the wall to Support.' })
said.more = found(1)
local there = { start = { line = 4, character = 20 }, ['end'] = { line = 4, character = 20 } }
local offered = ask('textDocument/codeAction', { textDocument = where, range = there, context = { diagnostics = {} } })
for _, action in ipairs(offered) do
  if action.title:match('^Not here') then
    local chosen = action.edit and action or ask('codeAction/resolve', action)
    vim.lsp.util.apply_workspace_edit(chosen.edit, 'utf-16')
    break
  end
end
said.hidden = found(0)
said.comment = vim.api.nvim_buf_get_lines(0, 4, 5, true)[1]
io.stdout:write(vim.fn.json_encode(said))
vim.cmd('qa!')
`

  test('marks, explains, rewrites and hides a sentence in a process document', async () => {
    const folder = await folderWith({
      'init.lua': Number(version) >= 11 ? modern : older,
      'session.lua': session,
      'refunds.process': `Refunds\n\n${disowning}\n`,
      '.silolintrc.json': '{"rules":{"customer-absent-procedure":"off"}}',
      'bin/silolint': `#!/bin/sh\nexec "${process.execPath}" "${command}" "$@"\n`,
    })
    await chmod(join(folder, 'bin/silolint'), 0o755)
    const { stdout, stderr } = await promisify(execFile)(
      'nvim',
      ['--headless', '-n', '-i', 'NONE', '-u', 'init.lua', 'refunds.process', '-c', 'luafile session.lua'],
      {
        cwd: folder,
        timeout: 50_000,
        env: {
          ...process.env,
          PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
          XDG_STATE_HOME: join(folder, 'state'),
          XDG_CACHE_HOME: join(folder, 'cache'),
        },
      },
    )
    expect(stderr.replace(/^\{.*$/m, '').trim()).toBe('')
    const said = JSON.parse(stdout)
    // columns count bytes in Neovim: four for the banknote
    expect(said.findings).toEqual([[2, 13, 39, 'disowning', 'silolint']])
    expect(said).toMatchObject({ filetype: 'silolint-process', left: [] })
    expect(said.hover).toContain('\n- Refunds 💶 are not our responsibility.\n+ Refunds 💶 are with [team]')
    expect(said.rewritten).toMatch(/^Refunds 💶 (?!are not our).+\.$/u)
    expect(said).toMatchObject({
      hidden: [],
      comment: '// silolint-disable-next-line over-the-wall -- [reason]',
    })
    expect(said.more).toEqual([[4, 12, 53, 'over-the-wall', 'silolint']])
  })
})
