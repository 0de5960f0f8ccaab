import type { Contender } from '../ask.ts'

/** By the key that a process is started with; loaded one at a time, so that none sees another's modules. */
export const contenders: Readonly<Record<string, () => Promise<Contender>>> = {
  openai: async () => (await import('./openai-sdk.ts')).openaiSdk,
  ai: async () => (await import('./ai-sdk.ts')).aiSdk,
  'ai-stream-retries': async () => (await import('./ai-sdk.ts')).aiSdkStreamRetries,
  langchain: async () => (await import('./langchain.ts')).langchain,
  'ai-fallback': async () => (await import('./ai-sdk.ts')).aiFallback,
  'ai-fallback-before': async () => (await import('./ai-sdk.ts')).aiFallbackBefore,
  'ai-retry': async () => (await import('./ai-sdk.ts')).aiRetry,
  portkey: async () => (await import('./portkey.ts')).portkey,
  chain: async () => (await import('./switchyard.ts')).switchyardChain,
  'chain-once': async () => (await import('./switchyard.ts')).switchyardChainOnce,
  gateway: async () => (await import('./switchyard.ts')).switchyardGateway,
}
