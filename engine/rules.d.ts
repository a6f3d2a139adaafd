/** The files of rules/, listed, read and packed by the build (`rulesplugin.mjs`). */
declare module 'silolint:rules' {
  export const packed: import('./compiled.ts').PackedLayer
  export const code: import('./catalogue.ts').Layer['code']
}
