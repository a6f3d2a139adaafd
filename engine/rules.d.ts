/** The files of rules/, listed, read and packed by the build (`rulesplugin.mjs`). */
declare module 'silolint:rules' {
  /** What `packLayer` gave. */
  export function bytes(): Uint8Array
  export const code: import('./catalogue.ts').Layer['code']
}
