/** About how many tokens a text is: four letters of English each, one for each character of other scripts. */
export function estimatedTokens(text: string): number {
  let quarters = 0
  for (let at = 0; at < text.length; at++) quarters += text.charCodeAt(at) < 128 ? 1 : 4
  return Math.ceil(quarters / 4)
}
