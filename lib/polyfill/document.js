// A document that is visible, loaded and empty. The one element that it makes is <audio>.
import { Audio } from '../audio.js';

class Document extends EventTarget {
  hidden = false;
  visibilityState = 'visible';
  readyState = 'complete';
  body = null;

  createElement(localName) {
    if (`${localName}`.toLowerCase() === 'audio') return new Audio();
    throw new DOMException(`document.createElement('${localName}'): there is no page here; 'audio' is the only element`, 'NotSupportedError');
  }
  querySelector() { return null; }
  querySelectorAll() { return []; }
  getElementById() { return null; }
  getElementsByTagName() { return []; }
}

export const document = new Document();
