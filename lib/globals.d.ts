// The globals' types are those of TypeScript's own library "dom".
export {};
