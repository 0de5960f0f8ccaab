export { createOpenAI, createProvider, type OpenAIOptions } from './provider.ts'
