/** The language server as a web worker. The first message is the file of compiled rules, the others are the protocol's. */
interface Scope {
  onmessage: ((event: { data: Uint8Array }) => void) | null
  /** Where the program looks for the rules that come with it. */
  silolintRules?: Uint8Array
}

const scope = globalThis as unknown as Scope

scope.onmessage = ({ data }) => {
  scope.onmessage = null
  scope.silolintRules = data
  // Loading the engine opens the rules, so it waits until now. The import is done within this turn, since it is part of
  // the same file: no message can come in between and find nobody listening.
  import('./webworker.ts').catch((error: unknown) => console.error(error))
}
