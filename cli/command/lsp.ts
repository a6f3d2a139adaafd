import { type Command, Option } from 'commander'

/** Adds the command that serves editors. */
export function addLsp(program: Command): void {
  program
    .command('lsp')
    .summary('serve an editor over the language server protocol')
    .description('Serve an editor over the language server protocol until it goes, by default over stdin and stdout.')
    .option('--stdio', 'over stdin and stdout')
    .option('--socket <port>', 'over a port on which the editor listens')
    .option('--pipe <name>', 'over a pipe that the editor has opened')
    // what libraries in editors add by themselves
    .addOption(new Option('--node-ipc').hideHelp())
    .addOption(new Option('--clientProcessId <id>').hideHelp())
    .addHelpText('after', '\ndocs/editors.md says how to set up Neovim, Helix, Zed, Emacs and JetBrains.')
    .action(async () => {
      // the same program that VS Code starts, beside this one in dist/; it reads the options itself
      await import(new URL('./server.cjs', import.meta.url).href)
    })
}
