// Small pieces of generated text.

export const indent = (lines, levels = 1) => lines.flatMap((line) => line.split('\n')).map((line) => '  '.repeat(levels) + line);

export const block = (head, lines) => `${head ? `${head} ` : ''}{\n${indent(lines).join('\n')}\n}`;
