// Types of the platform that the interfaces refer to: the program's own where its TypeScript libraries have them (lib.dom,
// @types/node), else the little of them that Backline needs.

type Global<Name extends string, Otherwise> =
  typeof globalThis extends { [K in Name]: { prototype: infer T } } ? T : Otherwise;
type Browser<Name extends string, Otherwise> =
  typeof globalThis extends { onmessage: any } & { [K in Name]: { prototype: infer T } } ? T : Otherwise;

interface BasicEvent {
  readonly type: string;
  readonly target: any;
  readonly currentTarget: any;
  readonly timeStamp: number;
  readonly defaultPrevented: boolean;
  preventDefault(): void;
  stopPropagation(): void;
  stopImmediatePropagation(): void;
}

interface BasicEventTarget {
  addEventListener(type: string, listener: EventListenerOrObject, options?: any): void;
  removeEventListener(type: string, listener: EventListenerOrObject, options?: any): void;
  dispatchEvent(event: Event): boolean;
}

interface BasicMessagePort extends BasicEventTarget {
  onmessage: ((this: MessagePort, ev: MessageEvent) => any) | null;
  onmessageerror: ((this: MessagePort, ev: MessageEvent) => any) | null;
  postMessage(message: any, transfer: Iterable<object>): void;
  postMessage(message: any, options?: { transfer?: Iterable<object> }): void;
  start(): void;
  close(): void;
  addEventListener(type: 'message' | 'messageerror', listener: (this: MessagePort, ev: MessageEvent) => any, options?: any): void;
  addEventListener(type: string, listener: EventListenerOrObject, options?: any): void;
}

interface BasicMessageEvent extends BasicEvent {
  readonly data: any;
}

interface BasicBlob {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  slice(start?: number, end?: number, type?: string): Blob;
  text(): Promise<string>;
}

export type Blob = Global<'Blob', BasicBlob>;
export type Event = Global<'Event', BasicEvent>;
export type EventTarget = Global<'EventTarget', BasicEventTarget>;
export type DOMException = Global<'DOMException', Error & { readonly code: number }>;
export type MessagePort = Browser<'MessagePort', BasicMessagePort>;
export type MessageEvent = Browser<'MessageEvent', BasicMessageEvent>;
export type EventListenerOrObject = ((ev: any) => any) | { handleEvent(ev: any): any } | null;
export type AddListenerOptions = boolean | { capture?: boolean; once?: boolean; passive?: boolean; signal?: Global<'AbortSignal', BasicEventTarget> };
export type RemoveListenerOptions = boolean | { capture?: boolean };
