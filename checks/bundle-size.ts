import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** Bytes that are downloaded for everything an entry exports, bundled, minified, gzipped, and without what is `external`. */
export async function bundleSize(entry: string, external: readonly string[] = []): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: external.length === 0 ? 'neutral' : 'node',
    target: 'es2023',
    external: ['node:*', ...external],
    logLevel: 'silent',
  })
  return outputFiles.reduce((bytes, file) => bytes + gzipSync(file.contents, { level: 9 }).length, 0)
}
