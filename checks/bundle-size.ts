import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** Bytes that a browser would download for everything an entry exports: bundled, minified, gzipped. */
export async function bundleSize(entry: string): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    external: ['node:*'],
    logLevel: 'silent',
  })
  return outputFiles.reduce((bytes, file) => bytes + gzipSync(file.contents, { level: 9 }).length, 0)
}
