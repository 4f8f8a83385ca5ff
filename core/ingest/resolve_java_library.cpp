// Tables of well-known Java platform types.
#include "ingest/resolve_java_library.h"

#include <array>
#include <unordered_map>
#include <unordered_set>

namespace kausal::ingest::java {
namespace {

constexpr std::string_view kCollectionMembers =
    " iterator=java.util.Iterator<E> stream=java.util.stream.Stream<E>"
    " parallelStream=java.util.stream.Stream<E> size=int isEmpty=boolean contains=boolean"
    " removeIf=boolean/E ";
constexpr std::string_view kListMembers =
    " get=E remove=E set=E getFirst=E getLast=E removeFirst=E removeLast=E"
    " subList=java.util.List<E> listIterator=java.util.ListIterator<E> indexOf=int"
    " reversed=java.util.List<E> elementAt=E firstElement=E lastElement=E"
    " elements=java.util.Enumeration<E> ";
constexpr std::string_view kQueueMembers =
    " peek=E poll=E element=E remove=E take=E getFirst=E getLast=E peekFirst=E peekLast=E "
    "pollFirst=E"
    " pollLast=E removeFirst=E removeLast=E pop=E push=void "
    "descendingIterator=java.util.Iterator<E> ";
constexpr std::string_view kSortedSetMembers =
    " first=E last=E floor=E ceiling=E higher=E lower=E pollFirst=E pollLast=E"
    " headSet=java.util.SortedSet<E> tailSet=java.util.SortedSet<E> subSet=java.util.SortedSet<E>"
    " descendingSet=java.util.NavigableSet<E> descendingIterator=java.util.Iterator<E> ";
constexpr std::string_view kMapMembers =
    " get=V put=V remove=V getOrDefault=V putIfAbsent=V replace=V compute=V computeIfAbsent=V/K"
    " computeIfPresent=V merge=V values=java.util.Collection<V> keySet=java.util.Set<K>"
    " entrySet=java.util.Set<java.util.Map.Entry<K,V>> size=int isEmpty=boolean"
    " containsKey=boolean containsValue=boolean ";
constexpr std::string_view kSortedMapMembers =
    " firstKey=K lastKey=K floorKey=K ceilingKey=K higherKey=K lowerKey=K"
    " firstEntry=java.util.Map.Entry<K,V> lastEntry=java.util.Map.Entry<K,V>"
    " floorEntry=java.util.Map.Entry<K,V> ceilingEntry=java.util.Map.Entry<K,V>"
    " higherEntry=java.util.Map.Entry<K,V> lowerEntry=java.util.Map.Entry<K,V>"
    " pollFirstEntry=java.util.Map.Entry<K,V> headMap=java.util.SortedMap<K,V>"
    " tailMap=java.util.SortedMap<K,V> subMap=java.util.SortedMap<K,V>"
    " descendingMap=java.util.NavigableMap<K,V> navigableKeySet=java.util.NavigableSet<K> ";
constexpr std::string_view kStreamMembers =
    " filter=java.util.stream.Stream<T>/T forEach=void/T forEachOrdered=void/T "
    "peek=java.util.stream"
    ".Stream<T>/T map=?/T flatMap=?/T mapToInt=java.util.stream.IntStream/T"
    " mapToLong=java.util.stream.LongStream/T mapToObj=?/T anyMatch=boolean/T allMatch=boolean/T"
    " noneMatch=boolean/T takeWhile=java.util.stream.Stream<T>/T "
    "dropWhile=java.util.stream.Stream<T>/T"
    " distinct=java.util.stream.Stream<T> sorted=java.util.stream.Stream<T>"
    " limit=java.util.stream.Stream<T> skip=java.util.stream.Stream<T>"
    " parallel=java.util.stream.Stream<T> sequential=java.util.stream.Stream<T>"
    " findFirst=java.util.Optional<T> findAny=java.util.Optional<T> min=java.util.Optional<T>"
    " max=java.util.Optional<T> iterator=java.util.Iterator<T> toList=java.util.List<T>"
    " count=long ";
constexpr std::string_view kOptionalMembers =
    " get=T orElse=T orElseGet=T orElseThrow=T isPresent=boolean isEmpty=boolean"
    " ifPresent=void/T ifPresentOrElse=void/T filter=java.util.Optional<T>/T map=?/T flatMap=?/T"
    " or=java.util.Optional<T> stream=java.util.stream.Stream<T> ";
constexpr std::string_view kStringMembers =
    " trim=java.lang.String strip=java.lang.String substring=java.lang.String"
    " toLowerCase=java.lang.String toUpperCase=java.lang.String replace=java.lang.String"
    " replaceAll=java.lang.String replaceFirst=java.lang.String concat=java.lang.String"
    " intern=java.lang.String repeat=java.lang.String formatted=java.lang.String"
    " format=java.lang.String valueOf=java.lang.String join=java.lang.String length=int"
    " isEmpty=boolean charAt=char indexOf=int lastIndexOf=int startsWith=boolean endsWith=boolean"
    " contains=boolean equals=boolean equalsIgnoreCase=boolean compareTo=int hashCode=int"
    " toString=java.lang.String split=java.lang.String[] toCharArray=char[] getBytes=byte[]"
    " lines=java.util.stream.Stream<java.lang.String> ";
constexpr std::string_view kBuilderMembers =
    " append=java.lang.StringBuilder insert=java.lang.StringBuilder reverse=java.lang.StringBuilder"
    " delete=java.lang.StringBuilder deleteCharAt=java.lang.StringBuilder"
    " replace=java.lang.StringBuilder toString=java.lang.String substring=java.lang.String"
    " length=int charAt=char ";
constexpr std::string_view kBufferMembers =
    " append=java.lang.StringBuffer insert=java.lang.StringBuffer reverse=java.lang.StringBuffer"
    " delete=java.lang.StringBuffer toString=java.lang.String substring=java.lang.String"
    " length=int charAt=char ";
constexpr std::string_view kFutureMembers =
    " get=T join=T getNow=T thenAccept=java.util.concurrent.CompletableFuture<java.lang.Void>/T"
    " thenApply=?/T thenCompose=?/T whenComplete=java.util.concurrent.CompletableFuture<T>"
    " exceptionally=java.util.concurrent.CompletableFuture<T>/java.lang.Throwable ";
constexpr std::string_view kAtomicMembers =
    " get=V getAndSet=V getAndUpdate=V updateAndGet=V getPlain=V getAcquire=V"
    " compareAndSet=boolean ";

constexpr LibraryType kTypes[] = {
    {"java.lang.Object", "", "",
     " toString=java.lang.String hashCode=int equals=boolean "
     "getClass=java.lang.Class "},
    {"java.lang.String", "", "java.lang.CharSequence", kStringMembers},
    {"java.lang.CharSequence", "", "", " length=int charAt=char toString=java.lang.String "},
    {"java.lang.StringBuilder", "", "java.lang.CharSequence", kBuilderMembers},
    {"java.lang.StringBuffer", "", "java.lang.CharSequence", kBufferMembers},
    {"java.lang.Enum", "E", "", " name=java.lang.String ordinal=int "},
    {"java.lang.Class", "T", "",
     " getName=java.lang.String getSimpleName=java.lang.String "
     "newInstance=T cast=T getSuperclass=java.lang.Class "},
    {"java.lang.Iterable", "E", "", " iterator=java.util.Iterator<E> forEach=void/E "},
    {"java.lang.ThreadLocal", "T", "", " get=T "},
    {"java.lang.ref.Reference", "T", "", " get=T "},
    {"java.lang.ref.WeakReference", "T", "java.lang.ref.Reference<T>", ""},
    {"java.lang.ref.SoftReference", "T", "java.lang.ref.Reference<T>", ""},
    {"java.lang.System", "", "",
     " out=java.io.PrintStream err=java.io.PrintStream in=java.io.InputStream "},
    {"java.lang.Throwable", "", "",
     " getMessage=java.lang.String getCause=java.lang.Throwable "
     "getLocalizedMessage=java.lang.String "},
    {"java.lang.Exception", "", "java.lang.Throwable", ""},
    {"java.lang.RuntimeException", "", "java.lang.Exception", ""},
    {"java.util.Iterator", "E", "", " next=E hasNext=boolean forEachRemaining=void/E "},
    {"java.util.ListIterator", "E", "java.util.Iterator<E>", " previous=E "},
    {"java.util.Enumeration", "E", "", " nextElement=E hasMoreElements=boolean "},
    {"java.util.Collection", "E", "java.lang.Iterable<E>", kCollectionMembers},
    {"java.util.AbstractCollection", "E", "java.util.Collection<E>", ""},
    {"java.util.List", "E", "java.util.Collection<E>", kListMembers},
    {"java.util.AbstractList", "E", "java.util.List<E>", ""},
    {"java.util.ArrayList", "E", "java.util.List<E>", ""},
    {"java.util.Vector", "E", "java.util.List<E>", ""},
    {"java.util.Stack", "E", "java.util.List<E>", " peek=E pop=E push=E "},
    {"java.util.concurrent.CopyOnWriteArrayList", "E", "java.util.List<E>", ""},
    {"java.util.Set", "E", "java.util.Collection<E>", ""},
    {"java.util.AbstractSet", "E", "java.util.Set<E>", ""},
    {"java.util.HashSet", "E", "java.util.Set<E>", ""},
    {"java.util.LinkedHashSet", "E", "java.util.Set<E>", ""},
    {"java.util.EnumSet", "E", "java.util.Set<E>", ""},
    {"java.util.SortedSet", "E", "java.util.Set<E>", kSortedSetMembers},
    {"java.util.NavigableSet", "E", "java.util.SortedSet<E>", ""},
    {"java.util.TreeSet", "E", "java.util.NavigableSet<E>", ""},
    {"java.util.concurrent.CopyOnWriteArraySet", "E", "java.util.Set<E>", ""},
    {"java.util.Queue", "E", "java.util.Collection<E>", kQueueMembers},
    {"java.util.Deque", "E", "java.util.Queue<E>", ""},
    {"java.util.ArrayDeque", "E", "java.util.Deque<E>", ""},
    {"java.util.LinkedList", "E", "java.util.List<E>;java.util.Deque<E>", ""},
    {"java.util.PriorityQueue", "E", "java.util.Queue<E>", ""},
    {"java.util.concurrent.BlockingQueue", "E", "java.util.Queue<E>", ""},
    {"java.util.concurrent.BlockingDeque", "E", "java.util.Deque<E>", ""},
    {"java.util.concurrent.LinkedBlockingQueue", "E", "java.util.Queue<E>", ""},
    {"java.util.concurrent.LinkedBlockingDeque", "E", "java.util.Deque<E>", ""},
    {"java.util.concurrent.ArrayBlockingQueue", "E", "java.util.Queue<E>", ""},
    {"java.util.concurrent.PriorityBlockingQueue", "E", "java.util.Queue<E>", ""},
    {"java.util.concurrent.ConcurrentLinkedQueue", "E", "java.util.Queue<E>", ""},
    {"java.util.concurrent.ConcurrentLinkedDeque", "E", "java.util.Deque<E>", ""},
    {"java.util.Map", "K,V", "", kMapMembers},
    {"java.util.Map.Entry", "K,V", "", " getKey=K getValue=V setValue=V "},
    {"java.util.AbstractMap", "K,V", "java.util.Map<K,V>", ""},
    {"java.util.HashMap", "K,V", "java.util.Map<K,V>", ""},
    {"java.util.LinkedHashMap", "K,V", "java.util.Map<K,V>", ""},
    {"java.util.WeakHashMap", "K,V", "java.util.Map<K,V>", ""},
    {"java.util.IdentityHashMap", "K,V", "java.util.Map<K,V>", ""},
    {"java.util.EnumMap", "K,V", "java.util.Map<K,V>", ""},
    {"java.util.Hashtable", "K,V", "java.util.Map<K,V>",
     " elements=java.util.Enumeration<V> keys=java.util.Enumeration<K> "},
    {"java.util.SortedMap", "K,V", "java.util.Map<K,V>", kSortedMapMembers},
    {"java.util.NavigableMap", "K,V", "java.util.SortedMap<K,V>", ""},
    {"java.util.TreeMap", "K,V", "java.util.NavigableMap<K,V>", ""},
    {"java.util.concurrent.ConcurrentMap", "K,V", "java.util.Map<K,V>", ""},
    {"java.util.concurrent.ConcurrentHashMap", "K,V", "java.util.Map<K,V>", ""},
    {"java.util.concurrent.ConcurrentSkipListMap", "K,V", "java.util.NavigableMap<K,V>", ""},
    {"java.util.Optional", "T", "", kOptionalMembers},
    {"java.util.stream.Stream", "T", "", kStreamMembers},
    {"java.util.function.Supplier", "T", "", " get=T "},
    {"java.util.function.Function", "T,R", "", " apply=R "},
    {"java.util.function.BiFunction", "T,U,R", "", " apply=R "},
    {"java.util.function.UnaryOperator", "T", "", " apply=T "},
    {"java.util.function.BinaryOperator", "T", "", " apply=T "},
    {"java.util.concurrent.Callable", "V", "", " call=V "},
    {"java.util.concurrent.Future", "T", "", " get=T "},
    {"java.util.concurrent.CompletableFuture", "T", "java.util.concurrent.Future<T>",
     kFutureMembers},
    {"java.util.concurrent.CompletionStage", "T", "", kFutureMembers},
    {"java.util.concurrent.atomic.AtomicReference", "V", "", kAtomicMembers},
};

constexpr std::string_view kJavaLang =
    "AbstractMethodError Appendable ArithmeticException ArrayIndexOutOfBoundsException "
    "ArrayStoreException AssertionError AutoCloseable Boolean Byte CharSequence Character Class "
    "ClassCastException ClassLoader ClassNotFoundException ClassValue CloneNotSupportedException "
    "Cloneable Comparable Deprecated Double Enum Error Exception ExceptionInInitializerError Float "
    "FunctionalInterface IllegalAccessError IllegalAccessException IllegalArgumentException "
    "IllegalMonitorStateException IllegalStateException IncompatibleClassChangeError "
    "IndexOutOfBoundsException InheritableThreadLocal InstantiationException Integer InternalError "
    "InterruptedException Iterable LinkageError Long Math Module ModuleLayer "
    "NegativeArraySizeException NoClassDefFoundError NoSuchFieldError NoSuchFieldException "
    "NoSuchMethodError NoSuchMethodException NullPointerException Number NumberFormatException "
    "Object "
    "OutOfMemoryError Override Package Process ProcessBuilder ProcessHandle Readable Record "
    "ReflectiveOperationException Runnable Runtime RuntimeException RuntimePermission SafeVarargs "
    "SecurityException SecurityManager Short StackOverflowError StackTraceElement StackWalker "
    "StrictMath String StringBuffer StringBuilder StringIndexOutOfBoundsException SuppressWarnings "
    "System Thread ThreadDeath ThreadGroup ThreadLocal Throwable TypeNotPresentException "
    "UnsatisfiedLinkError UnsupportedClassVersionError UnsupportedOperationException VerifyError "
    "VirtualMachineError Void";

/// Package, then the names of those of its types that programs import by wildcard.
constexpr std::pair<std::string_view, std::string_view> kPackages[] = {
    {"java.util",
     "AbstractCollection AbstractList AbstractMap AbstractQueue AbstractSet ArrayDeque ArrayList "
     "Arrays Base64 BitSet Calendar Collection Collections Comparator "
     "ConcurrentModificationException "
     "Currency Date Deque Dictionary EmptyStackException EnumMap EnumSet Enumeration EventListener "
     "EventObject Formatter GregorianCalendar HashMap HashSet Hashtable IdentityHashMap Iterator "
     "LinkedHashMap LinkedHashSet LinkedList List ListIterator Locale Map MissingResourceException "
     "NavigableMap NavigableSet NoSuchElementException Objects Optional OptionalInt OptionalLong "
     "PriorityQueue Properties Queue Random RandomAccess ResourceBundle Scanner ServiceLoader Set "
     "SimpleTimeZone SortedMap SortedSet Spliterator Spliterators Stack StringJoiner "
     "StringTokenizer "
     "TimeZone Timer TimerTask TreeMap TreeSet UUID Vector WeakHashMap"},
    {"java.io",
     "BufferedInputStream BufferedOutputStream BufferedReader BufferedWriter ByteArrayInputStream "
     "ByteArrayOutputStream CharArrayReader CharArrayWriter Closeable Console DataInput "
     "DataInputStream DataOutput DataOutputStream EOFException Externalizable File FileDescriptor "
     "FileFilter FileInputStream FileNotFoundException FileOutputStream FileReader FileWriter "
     "FilenameFilter FilterInputStream FilterOutputStream Flushable IOException InputStream "
     "InputStreamReader InterruptedIOException InvalidObjectException NotSerializableException "
     "ObjectInput ObjectInputStream ObjectOutput ObjectOutputStream ObjectStreamException "
     "OutputStream OutputStreamWriter PrintStream PrintWriter PushbackInputStream PushbackReader "
     "RandomAccessFile Reader SequenceInputStream Serializable StreamTokenizer StringReader "
     "StringWriter UncheckedIOException UnsupportedEncodingException Writer"},
    {"java.util.function",
     "BiConsumer BiFunction BiPredicate BinaryOperator BooleanSupplier Consumer DoubleFunction "
     "Function IntFunction IntPredicate IntSupplier IntUnaryOperator LongFunction LongSupplier "
     "Predicate Supplier ToDoubleFunction ToIntFunction ToLongFunction UnaryOperator"},
    {"java.util.concurrent",
     "ArrayBlockingQueue BlockingDeque BlockingQueue BrokenBarrierException Callable "
     "CancellationException CompletableFuture CompletionException CompletionStage "
     "ConcurrentHashMap ConcurrentLinkedDeque ConcurrentLinkedQueue ConcurrentMap "
     "ConcurrentSkipListMap ConcurrentSkipListSet CopyOnWriteArrayList CopyOnWriteArraySet "
     "CountDownLatch CyclicBarrier DelayQueue Delayed ExecutionException Executor ExecutorService "
     "Executors ForkJoinPool ForkJoinTask Future FutureTask LinkedBlockingDeque "
     "LinkedBlockingQueue PriorityBlockingQueue RecursiveAction RecursiveTask "
     "RejectedExecutionException RunnableFuture ScheduledExecutorService ScheduledFuture Semaphore "
     "SynchronousQueue ThreadFactory ThreadLocalRandom ThreadPoolExecutor TimeUnit "
     "TimeoutException"},
    {"java.util.stream",
     "Collector Collectors DoubleStream IntStream LongStream Stream StreamSupport"},
    {"java.nio.file",
     "Files FileSystem FileSystems InvalidPathException LinkOption NoSuchFileException "
     "OpenOption Path Paths StandardCopyOption StandardOpenOption"},
    {"java.net",
     "HttpURLConnection InetAddress InetSocketAddress MalformedURLException Proxy "
     "ServerSocket Socket SocketException SocketTimeoutException URI URISyntaxException "
     "URL URLClassLoader URLConnection URLDecoder URLEncoder UnknownHostException"},
    {"java.time",
     "Clock DateTimeException DayOfWeek Duration Instant LocalDate LocalDateTime "
     "LocalTime Month OffsetDateTime Period Year YearMonth ZoneId ZoneOffset "
     "ZonedDateTime"},
    {"java.lang.reflect",
     "AccessibleObject AnnotatedElement Array Constructor Executable Field GenericArrayType "
     "InvocationHandler InvocationTargetException Member Method Modifier Parameter "
     "ParameterizedType Proxy Type TypeVariable WildcardType"},
};

using NameSet = std::unordered_set<std::string_view>;

void add_words(std::string_view text, NameSet& into) {
    while (!text.empty()) {
        const size_t end = text.find(' ');
        into.insert(text.substr(0, end));
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 1);
    }
}

}  // namespace

const LibraryType* library_type(std::string_view qualified_name) {
    static const auto index = [] {
        std::unordered_map<std::string_view, const LibraryType*> made;
        for (const LibraryType& type : kTypes) made.emplace(type.name, &type);
        return made;
    }();
    const auto found = index.find(qualified_name);
    return found == index.end() ? nullptr : found->second;
}

LibraryMember library_member(const LibraryType& type, std::string_view name) {
    const std::string_view text = type.members;
    for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
        const size_t equals = at + name.size();
        if (at == 0 || text[at - 1] != ' ' || equals >= text.size() || text[equals] != '=')
            continue;
        std::string_view value = text.substr(equals + 1);
        value = value.substr(0, value.find(' '));
        const size_t slash = value.find('/');
        LibraryMember member;
        member.result = value.substr(0, slash);
        if (slash != std::string_view::npos) member.lambda_parameter = value.substr(slash + 1);
        if (member.result == "?") member.result = {};
        return member;
    }
    return {};
}

bool is_java_lang(std::string_view name) {
    static const NameSet names = [] {
        NameSet made;
        add_words(kJavaLang, made);
        return made;
    }();
    return names.contains(name);
}

bool is_library_type(std::string_view package, std::string_view name) {
    static const auto index = [] {
        std::unordered_map<std::string_view, NameSet> made;
        for (const auto& [key, names] : kPackages) add_words(names, made[key]);
        return made;
    }();
    const auto found = index.find(package);
    return found != index.end() && found->second.contains(name);
}

bool is_object_method(std::string_view name) {
    static constexpr std::array<std::string_view, 9> kNames{"getClass",  "hashCode", "equals",
                                                            "clone",     "toString", "notify",
                                                            "notifyAll", "wait",     "finalize"};
    for (const auto known : kNames)
        if (known == name) return true;
    return false;
}

bool is_enum_method(std::string_view name) {
    static constexpr std::array<std::string_view, 8> kNames{"values",
                                                            "valueOf",
                                                            "name",
                                                            "ordinal",
                                                            "compareTo",
                                                            "getDeclaringClass",
                                                            "describeConstable",
                                                            "equals"};
    for (const auto known : kNames)
        if (known == name) return true;
    return false;
}

}  // namespace kausal::ingest::java
